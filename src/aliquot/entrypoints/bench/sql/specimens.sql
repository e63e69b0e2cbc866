-- Their tubes, drawn when they were ordered, accepted at the hub; numbers are given, or made for those of the past.
INSERT INTO specimen (id, ordering_site_id, laboratory_id, number, order_id, container_id, specimen_type_id, volume_ul,
                      is_centrifuged, state, custody_site_id, labelled_at, collected_at, collected_by, spun_at, lane,
                      arrived_at, accepted_at, condition)
SELECT %(first_specimen)s + 1 + tube.place, (%(sites)s::bigint[])[1 + mod(g, cardinality(%(sites)s::bigint[]))], %(hub)s,
       coalesce((%(numbers)s::text[])[1 + tube.place], 'H' || %(first_specimen)s + 1 + tube.place),
       %(first_order)s + 1 + g, p.container_id, p.specimen_type_id, 3000, c.is_centrifuged, 'accepted', %(hub)s,
       tube.at, tube.at, 'person:1:nurse',
       CASE WHEN c.is_centrifuged THEN tube.at + interval '40 minutes' END, 'cold', tube.at + interval '80 minutes',
       tube.at + interval '90 minutes', '[]'
  FROM generate_series(0::bigint, %(count)s - 1) AS g
  JOIN (SELECT DISTINCT ON (tube) * FROM bench_plan ORDER BY tube, item) p ON p.kind = mod(g, %(kinds)s)
  JOIN container c ON c.id = p.container_id
 CROSS JOIN LATERAL (SELECT g / %(kinds)s * %(tubes)s + p.tube AS place, %(begin)s + %(step)s * g AS at) tube;
