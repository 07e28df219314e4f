-- The ledger sorts and filters by the numbers of the attempt that gave a load its status, so each load carries them: to look them
-- up in `attempt` for every load took 250 ms with 100,000 loads, and 1.1 s for a page far back. lib/jobs/ledger-numbers.ts keeps them.
ALTER TABLE `load`
  ADD COLUMN `seconds` DOUBLE NULL,
  ADD COLUMN `records` BIGINT NULL,
  ADD COLUMN `errors` BIGINT NULL,
  ADD COLUMN `warnings` BIGINT NULL;

UPDATE `load` l
LEFT JOIN `attempt` a ON a.`loadId` = l.`id`
  AND a.`number` = IF(l.`status` IN ('completed', 'completed_with_exceptions'), COALESCE(l.`completedAttempt`, l.`currentAttempt`), l.`currentAttempt`)
SET l.`seconds` = a.`seconds`, l.`records` = a.`records`, l.`errors` = a.`errors`, l.`warnings` = a.`warnings`;

-- One index for each order of the ledger, and one for each filter that leaves few loads. Each holds every column that can be
-- filtered by, so that a page is found, and its statuses are counted, in the index alone and without sorting.
ALTER TABLE `load`
  DROP INDEX `load_created`,
  DROP INDEX `load_status`,
  DROP INDEX `load_user`,
  ADD INDEX `load_created` (`createdAt`, `id`, `status`, `shopId`, `createdByUserId`, `errors`, `warnings`),
  ADD INDEX `load_seconds` (`seconds`, `id`, `status`, `shopId`, `createdByUserId`, `createdAt`, `errors`, `warnings`),
  ADD INDEX `load_records` (`records`, `id`, `status`, `shopId`, `createdByUserId`, `createdAt`, `errors`, `warnings`),
  ADD INDEX `load_errors` (`errors`, `id`, `status`, `shopId`, `createdByUserId`, `createdAt`, `warnings`),
  ADD INDEX `load_status` (`status`, `createdAt`, `id`, `shopId`, `createdByUserId`, `errors`, `warnings`),
  ADD INDEX `load_user` (`createdByUserId`, `createdAt`, `id`, `status`, `shopId`, `errors`, `warnings`),
  ADD INDEX `load_shop_created` (`shopId`, `createdAt`, `id`, `status`, `createdByUserId`, `errors`, `warnings`),
  ADD INDEX `load_updated` (`updatedAt`, `status`);

-- What ended within the last day, for the home page.
ALTER TABLE `attempt`
  ADD INDEX `attempt_finished` (`finishedAt`, `dryRun`, `status`);
