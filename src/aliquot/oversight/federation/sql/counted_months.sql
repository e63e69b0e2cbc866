-- The months whose comparison was computed, and when.
SELECT month, counted_at FROM compared_month WHERE counted_at IS NOT NULL ORDER BY month;
