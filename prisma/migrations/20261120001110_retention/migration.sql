-- When the bytes of a raw file went. What the file was (name, size, checksum, records) stays.
ALTER TABLE `load_file`
  ADD COLUMN `purgedAt` DATETIME(3) NULL,
  ADD INDEX `load_file_kept` (`purgedAt`, `receivedAt`);

ALTER TABLE `staged_file`
  ADD INDEX `staged_file_kept` (`purgedAt`, `stagedAt`);

-- Every run of the retention, and what went. finishedAt is NULL while it runs, and stays so when it was cut short: then the next one goes on.
CREATE TABLE `retention_run` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `startedAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `finishedAt` DATETIME(3) NULL,
  `worker` VARCHAR(100) NOT NULL,
  `loads` INT NOT NULL DEFAULT 0,
  `stagedFiles` INT NOT NULL DEFAULT 0,
  `rawFiles` INT NOT NULL DEFAULT 0,
  `bytes` BIGINT NOT NULL DEFAULT 0,
  `leftovers` INT NOT NULL DEFAULT 0,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
