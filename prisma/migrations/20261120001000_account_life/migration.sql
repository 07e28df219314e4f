-- passwordHash is NULL until an invited person has chosen a password. A password given by somebody else (mustChangePassword)
-- opens nothing but the page that replaces it.
ALTER TABLE `user`
  MODIFY `passwordHash` VARCHAR(255) NULL,
  ADD COLUMN `mustChangePassword` BOOLEAN NOT NULL DEFAULT FALSE;

-- Who is signed in. A session cookie names a row here; without the row it is worth nothing. confirmedAt is when the person last
-- gave the password, lastSeenAt is brought up to date once a minute at most.
CREATE TABLE `session` (
  `id` CHAR(22) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `userId` BIGINT NOT NULL,
  `browser` VARCHAR(60) NOT NULL,
  `address` VARCHAR(45) NOT NULL,
  `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `lastSeenAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `confirmedAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  PRIMARY KEY (`id`),
  INDEX `session_user` (`userId`, `lastSeenAt`),
  CONSTRAINT `session_user_fk` FOREIGN KEY (`userId`) REFERENCES `user` (`id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- One-time links to choose a password by: for somebody invited, or who lost it. Only the SHA-256 of the token is kept.
CREATE TABLE `invitation` (
  `id` BIGINT NOT NULL AUTO_INCREMENT,
  `userId` BIGINT NOT NULL,
  `tokenHash` CHAR(64) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `createdAt` DATETIME(3) NOT NULL DEFAULT CURRENT_TIMESTAMP(3),
  `expiresAt` DATETIME(3) NOT NULL,
  PRIMARY KEY (`id`),
  UNIQUE INDEX `invitation_token` (`tokenHash`),
  UNIQUE INDEX `invitation_user` (`userId`),
  CONSTRAINT `invitation_user_fk` FOREIGN KEY (`userId`) REFERENCES `user` (`id`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;

-- Failed attempts to sign in, counted for all processes together. `key` names what is counted and holds hashes only;
-- the columns and their order are those of rate-limiter-flexible, `expire` is in milliseconds.
CREATE TABLE `login_limit` (
  `key` VARCHAR(255) CHARACTER SET ascii COLLATE ascii_bin NOT NULL,
  `points` INT NOT NULL DEFAULT 0,
  `expire` BIGINT UNSIGNED NULL,
  PRIMARY KEY (`key`)
) ENGINE=InnoDB DEFAULT CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
