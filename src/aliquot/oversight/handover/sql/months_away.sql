-- The months that are in files instead of in the database, with the digest of the file and where it was written.
SELECT month, digest, folder, file FROM archived_month WHERE state <> 'restored' ORDER BY month;
