-- Patients as FHIR's mapping takes them.
SELECT id, snils, policy_number, family_name, given_name, patronymic, sex, birth_date FROM patient ORDER BY id;
