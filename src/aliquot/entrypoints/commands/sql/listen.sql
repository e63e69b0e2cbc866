-- Have this session told when there is work.
LISTEN aliquot_work;
