-- The first two digits of every number of this region's tubes.
SELECT DISTINCT left(prefix, 2) FROM number_range WHERE kind = 'specimen';
