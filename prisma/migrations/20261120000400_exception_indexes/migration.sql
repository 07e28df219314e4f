-- Groups of exceptions with their counts, and the rows below a rejected row, are answered from the index alone: severity
-- leads the groups (errors first, and either kind by itself), and the cause carries severity and entity to be counted by.

ALTER TABLE `load_exception`
  DROP INDEX `load_exception_group`,
  ADD INDEX `load_exception_group` (`attemptId`, `severity`, `entity`, `code`, `column`, `id`),
  DROP INDEX `load_exception_cause`,
  ADD INDEX `load_exception_cause` (`attemptId`, `causeEntity`, `causeRecord`, `severity`, `entity`, `id`);
