-- Take a block of numbers from a site's range and say the last one; the row lock keeps blocks apart, a rollback gives them back.
UPDATE number_range SET last = last + %(count)s
 WHERE site_id = %(site)s AND kind = %(kind)s AND last + %(count)s <= "limit"
RETURNING last;
