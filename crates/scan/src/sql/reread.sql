-- The wanted accounts' rows in an order that no sharding changes; ids are unique here.
SELECT * FROM exchanges ORDER BY time, id
