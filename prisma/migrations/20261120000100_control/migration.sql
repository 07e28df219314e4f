-- Partners, shops, accounts, and everything that is known about loads. `slug` is the id in the folder name, byte for byte.

CREATE TABLE `partner` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `slug` VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `name` VARCHAR(200) NOT NULL,
  `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  UNIQUE INDEX `partner_slug` (`slug`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `shop` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `partnerId` BIGINT NOT NULL,
  `slug` VARCHAR(64) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `name` VARCHAR(200) NOT NULL,
  `timeZone` VARCHAR(64) NOT NULL,
  `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  UNIQUE INDEX `shop_partner_slug` (`partnerId`, `slug`),
  CONSTRAINT `shop_partner_fk` FOREIGN KEY (`partnerId`) REFERENCES `partner` (`id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- sessionVersion goes up when an account is disabled, its role or its password changes: older sessions are refused.
CREATE TABLE `user` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `email` VARCHAR(254) NOT NULL,
  `name` VARCHAR(200) NOT NULL,
  `role` VARCHAR(20) NOT NULL,
  `passwordHash` VARCHAR(255) NOT NULL,
  `sessionVersion` INT NOT NULL DEFAULT 1,
  `disabledAt` DATETIME(3) NULL,
  `lastLoginAt` DATETIME(3) NULL,
  `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  UNIQUE INDEX `user_email` (`email`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- A load is known by shop and slug (load_id). `delivery` counts the sets of files sent for it, `currentAttempt` is the
-- newest, `completedAttempt` is the last attempt whose rows are in production.
CREATE TABLE `load` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `shopId` BIGINT NOT NULL,
  `slug` VARCHAR(100) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `status` VARCHAR(30) NOT NULL,
  `delivery` INT NOT NULL DEFAULT 0,
  `currentAttempt` INT NOT NULL DEFAULT 0,
  `completedAttempt` INT NULL,
  `createdByUserId` BIGINT NULL,
  `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `updatedAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  UNIQUE INDEX `load_shop_slug` (`shopId`, `slug`),
  INDEX `load_status` (`status`, `id`),
  INDEX `load_created` (`createdAt`, `id`),
  INDEX `load_user` (`createdByUserId`, `id`),
  CONSTRAINT `load_shop_fk` FOREIGN KEY (`shopId`) REFERENCES `shop` (`id`),
  CONSTRAINT `load_user_fk` FOREIGN KEY (`createdByUserId`) REFERENCES `user` (`id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- One file of one delivery. bytes and sha256 are what arrived, manifest* what was announced, records what was counted.
CREATE TABLE `load_file` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `loadId` BIGINT NOT NULL,
  `delivery` INT NOT NULL,
  `name` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `entity` VARCHAR(30) NULL,
  `bytes` BIGINT NULL,
  `sha256` CHAR(64) NULL,
  `storeKey` VARCHAR(400) NULL,
  `manifestRows` BIGINT NULL,
  `manifestSha256` VARCHAR(64) NULL,
  `records` BIGINT NULL,
  `receivedAt` DATETIME(3) NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `load_file_name` (`loadId`, `delivery`, `name`),
  CONSTRAINT `load_file_load_fk` FOREIGN KEY (`loadId`) REFERENCES `load` (`id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- The queue. A claim takes a lease on database time and raises `token`; runningShopId keeps a shop to one running load.
CREATE TABLE `job` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `loadId` BIGINT NOT NULL,
  `shopId` BIGINT NOT NULL,
  `status` VARCHAR(20) NOT NULL,
  `dryRun` BOOLEAN NOT NULL DEFAULT FALSE,
  `token` INT NOT NULL DEFAULT 0,
  `worker` VARCHAR(100) NULL,
  `leasedUntil` DATETIME(3) NULL,
  `notBefore` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `runningShopId` BIGINT NULL,
  `requestedByUserId` BIGINT NULL,
  `requestedVia` VARCHAR(20) NOT NULL,
  `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `finishedAt` DATETIME(3) NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `job_running_shop` (`runningShopId`),
  INDEX `job_status` (`status`, `notBefore`, `id`),
  INDEX `job_shop` (`shopId`, `status`, `id`),
  INDEX `job_load` (`loadId`, `id`),
  CONSTRAINT `job_load_fk` FOREIGN KEY (`loadId`) REFERENCES `load` (`id`),
  CONSTRAINT `job_user_fk` FOREIGN KEY (`requestedByUserId`) REFERENCES `user` (`id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- The ledger: what every attempt did, kept for ever.
CREATE TABLE `attempt` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `loadId` BIGINT NOT NULL,
  `number` INT NOT NULL,
  `delivery` INT NOT NULL,
  `jobId` BIGINT NULL,
  `status` VARCHAR(30) NOT NULL,
  `dryRun` BOOLEAN NOT NULL DEFAULT FALSE,
  `startedByUserId` BIGINT NULL,
  `startedVia` VARCHAR(20) NOT NULL,
  `worker` VARCHAR(100) NULL,
  `startedAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `finishedAt` DATETIME(3) NULL,
  `seconds` DOUBLE NULL,
  `records` BIGINT NULL,
  `errors` BIGINT NULL,
  `warnings` BIGINT NULL,
  `failure` JSON NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `attempt_load_number` (`loadId`, `number`),
  CONSTRAINT `attempt_load_fk` FOREIGN KEY (`loadId`) REFERENCES `load` (`id`),
  CONSTRAINT `attempt_user_fk` FOREIGN KEY (`startedByUserId`) REFERENCES `user` (`id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- One step of one attempt; entity is '' for steps that concern the whole load. rows is the count the step is about. No
-- foreign key: steps are written while the load's transaction holds the attempt's row.
CREATE TABLE `step` (
  `attemptId` BIGINT NOT NULL,
  `name` VARCHAR(20) NOT NULL,
  `entity` VARCHAR(30) NOT NULL DEFAULT '',
  `status` VARCHAR(20) NOT NULL,
  `startedAt` DATETIME(3) NOT NULL,
  `finishedAt` DATETIME(3) NULL,
  `seconds` DOUBLE NULL,
  `rows` BIGINT NULL,
  `counts` JSON NULL,
  PRIMARY KEY (`attemptId`, `name`, `entity`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- firstId and endId bound the block of ids that the attempt's new rows were given; stopped counts rows imported before
-- that this load no longer holds.
CREATE TABLE `ledger_line` (
  `attemptId` BIGINT NOT NULL,
  `entity` VARCHAR(30) NOT NULL,
  `manifest` BIGINT NOT NULL DEFAULT 0,
  `records` BIGINT NOT NULL DEFAULT 0,
  `staged` BIGINT NOT NULL DEFAULT 0,
  `accepted` BIGINT NOT NULL DEFAULT 0,
  `rejected` BIGINT NOT NULL DEFAULT 0,
  `superseded` BIGINT NOT NULL DEFAULT 0,
  `identical` BIGINT NOT NULL DEFAULT 0,
  `inserted` BIGINT NOT NULL DEFAULT 0,
  `updated` BIGINT NOT NULL DEFAULT 0,
  `unchanged` BIGINT NOT NULL DEFAULT 0,
  `warnings` BIGINT NOT NULL DEFAULT 0,
  `stopped` BIGINT NOT NULL DEFAULT 0,
  `firstId` BIGINT NULL,
  `endId` BIGINT NULL,
  PRIMARY KEY (`attemptId`, `entity`),
  CONSTRAINT `ledger_line_attempt_fk` FOREIGN KEY (`attemptId`) REFERENCES `attempt` (`id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `money_line` (
  `attemptId` BIGINT NOT NULL,
  `measure` VARCHAR(50) NOT NULL,
  `file` DECIMAL(24, 2) NOT NULL DEFAULT 0,
  `accepted` DECIMAL(24, 2) NOT NULL DEFAULT 0,
  `production` DECIMAL(24, 2) NOT NULL DEFAULT 0,
  PRIMARY KEY (`attemptId`, `measure`),
  CONSTRAINT `money_line_attempt_fk` FOREIGN KEY (`attemptId`) REFERENCES `attempt` (`id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Why a row stayed out (error) or came in with a remark (warning). record and line are NULL for remarks on a whole file.
-- detail holds what the sentence needs beside the value: a parent's key, another line, a limit. causeEntity and
-- causeRecord name the rejected row at the root of a cascade.
CREATE TABLE `load_exception` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `attemptId` BIGINT NOT NULL,
  `entity` VARCHAR(30) NULL,
  `file` VARCHAR(255) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NOT NULL,
  `line` INT NULL,
  `record` INT NULL,
  `key` VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  `column` VARCHAR(200) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  `code` VARCHAR(40) NOT NULL,
  `severity` VARCHAR(10) NOT NULL,
  `value` TEXT CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  `detail` VARCHAR(500) CHARACTER SET utf8mb4 COLLATE utf8mb4_bin NULL,
  `causeEntity` VARCHAR(30) NULL,
  `causeRecord` INT NULL,
  PRIMARY KEY (`id`),
  INDEX `load_exception_group` (`attemptId`, `entity`, `code`, `column`, `id`),
  INDEX `load_exception_cause` (`attemptId`, `causeEntity`, `causeRecord`, `id`),
  INDEX `load_exception_record` (`attemptId`, `entity`, `record`),
  CONSTRAINT `load_exception_attempt_fk` FOREIGN KEY (`attemptId`) REFERENCES `attempt` (`id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- The production row, and the crosswalk's hash, before a load updated them. Rows that a load inserted are those of the ledger line's block of ids.
CREATE TABLE `row_change` (
  `attemptId` BIGINT NOT NULL,
  `entity` VARCHAR(30) NOT NULL,
  `sourceKey` VARBINARY(200) NOT NULL,
  `rowId` BIGINT NOT NULL,
  `before` JSON NOT NULL,
  `crosswalkHash` BINARY(22) NOT NULL,
  PRIMARY KEY (`attemptId`, `entity`, `sourceKey`),
  CONSTRAINT `row_change_attempt_fk` FOREIGN KEY (`attemptId`) REFERENCES `attempt` (`id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Which staging table holds which bytes, so that a rerun can use it again and retention knows what to drop.
CREATE TABLE `staged_file` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `loadId` BIGINT NOT NULL,
  `attempt` INT NOT NULL,
  `entity` VARCHAR(30) NOT NULL,
  `sha256` CHAR(64) NOT NULL,
  `fingerprint` CHAR(64) NOT NULL,
  `tableName` VARCHAR(64) NOT NULL,
  `columns` JSON NOT NULL,
  `records` BIGINT NOT NULL,
  `facts` JSON NOT NULL,
  `stagedAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `purgedAt` DATETIME(3) NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `staged_file_attempt` (`loadId`, `attempt`, `entity`),
  CONSTRAINT `staged_file_load_fk` FOREIGN KEY (`loadId`) REFERENCES `load` (`id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

CREATE TABLE `audit_event` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `at` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `userId` BIGINT NULL,
  `actor` VARCHAR(200) NOT NULL,
  `action` VARCHAR(50) NOT NULL,
  `objectType` VARCHAR(30) NOT NULL,
  `objectId` VARCHAR(200) NOT NULL,
  `detail` JSON NULL,
  PRIMARY KEY (`id`),
  INDEX `audit_event_object` (`objectType`, `objectId`, `id`),
  INDEX `audit_event_at` (`at`, `id`),
  CONSTRAINT `audit_event_user_fk` FOREIGN KEY (`userId`) REFERENCES `user` (`id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- The next free number below the ids of native rows. Blocks are taken outside of the load's transaction and never given back.
CREATE TABLE `id_sequence` (
  `entity` VARCHAR(30) NOT NULL,
  `nextId` BIGINT NOT NULL,
  PRIMARY KEY (`entity`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
