-- Every event carries the keyed hash of itself and of the event before it, so that none can be changed, taken out or put in
-- unnoticed. Events are numbered without gaps, which those written so far get here; their hashes are made when the key is (lib/audit/begin.ts).
ALTER TABLE `audit_event`
  MODIFY `actor` VARCHAR(254) NOT NULL,
  ADD COLUMN `hash` BINARY(32) NULL,
  ADD INDEX `audit_event_user` (`userId`, `id`),
  ADD INDEX `audit_event_action` (`action`, `id`);

SET @number = 0;

UPDATE `audit_event` SET `id` = (@number := @number + 1) ORDER BY `id`;

-- The end of the chain: one row, locked by whoever writes the next event. keyId tells which key the hashes were made with.
CREATE TABLE `audit_chain` (
  `id` INT NOT NULL,
  `number` BIGINT NOT NULL,
  `hash` BINARY(32) NOT NULL,
  `keyId` CHAR(16) CHARACTER SET ascii COLLATE ascii_bin NULL,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

INSERT INTO `audit_chain` (`id`, `number`, `hash`) VALUES (1, 0, REPEAT(CHAR(0), 32));
