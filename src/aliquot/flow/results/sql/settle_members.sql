-- These members of the look-back are settled by this step.
UPDATE look_back_member SET settled_id = %(step)s
 WHERE look_back_id = %(look_back)s AND result_id = ANY(%(ids)s::bigint[]) AND settled_id IS NULL;
