-- How much is still to be read, matched or recorded.
SELECT (SELECT count(*) FROM message WHERE state = 'received')
     + (SELECT count(*) FROM reading WHERE state = 'received')
     + (SELECT count(*) FROM reading r WHERE r.state = 'filed' AND r.index = '' AND NOT EXISTS (SELECT FROM result f WHERE f.reading_id = r.id));
