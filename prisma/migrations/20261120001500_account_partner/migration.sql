-- The one partner whose loads, shops and invoices an account sees; NULL sees all. Only roles that look after loads are limited:
-- what engineers and admins do (staged rows, health, accounts, audit trail) is about the whole installation.
ALTER TABLE `user`
  ADD COLUMN `partnerId` BIGINT NULL,
  ADD INDEX `user_partner` (`partnerId`),
  ADD CONSTRAINT `user_partner_fk` FOREIGN KEY (`partnerId`) REFERENCES `partner` (`id`),
  ADD CONSTRAINT `user_partner_role` CHECK (`partnerId` IS NULL OR `role` IN ('viewer', 'support'));
