-- Make the months that are missing, from this to the third after it; how many tables.
SELECT prepare_months();
