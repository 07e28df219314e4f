-- Which records of an entity were rejected, in file order, without reading the exceptions themselves.

ALTER TABLE `load_exception`
  DROP INDEX `load_exception_record`,
  ADD INDEX `load_exception_record` (`attemptId`, `entity`, `record`, `severity`);
