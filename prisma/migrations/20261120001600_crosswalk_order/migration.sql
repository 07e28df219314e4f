-- The keys of a crosswalk in the order in which they were counted: shorter ones first. As bytes alone RO-100000 lies between RO-10000
-- and RO-10001, so that a file in the order of its numbers filled every page by halves. The length is the table's to work out. One
-- statement a table: nothing comes in between.

ALTER TABLE `crosswalk_customer`
  ADD COLUMN `keyLength` TINYINT UNSIGNED NOT NULL DEFAULT (OCTET_LENGTH(`sourceKey`)) AFTER `shopId`,
  DROP PRIMARY KEY, ADD PRIMARY KEY (`shopId`, `keyLength`, `sourceKey`);

ALTER TABLE `crosswalk_vehicle`
  ADD COLUMN `keyLength` TINYINT UNSIGNED NOT NULL DEFAULT (OCTET_LENGTH(`sourceKey`)) AFTER `shopId`,
  DROP PRIMARY KEY, ADD PRIMARY KEY (`shopId`, `keyLength`, `sourceKey`);

ALTER TABLE `crosswalk_invoice`
  ADD COLUMN `keyLength` TINYINT UNSIGNED NOT NULL DEFAULT (OCTET_LENGTH(`sourceKey`)) AFTER `shopId`,
  DROP PRIMARY KEY, ADD PRIMARY KEY (`shopId`, `keyLength`, `sourceKey`);

ALTER TABLE `crosswalk_line_item`
  ADD COLUMN `keyLength` TINYINT UNSIGNED NOT NULL DEFAULT (OCTET_LENGTH(`sourceKey`)) AFTER `shopId`,
  DROP PRIMARY KEY, ADD PRIMARY KEY (`shopId`, `keyLength`, `sourceKey`);

ALTER TABLE `crosswalk_payment`
  ADD COLUMN `keyLength` TINYINT UNSIGNED NOT NULL DEFAULT (OCTET_LENGTH(`sourceKey`)) AFTER `shopId`,
  DROP PRIMARY KEY, ADD PRIMARY KEY (`shopId`, `keyLength`, `sourceKey`);

ALTER TABLE `crosswalk_inventory_part`
  ADD COLUMN `keyLength` TINYINT UNSIGNED NOT NULL DEFAULT (OCTET_LENGTH(`sourceKey`)) AFTER `shopId`,
  DROP PRIMARY KEY, ADD PRIMARY KEY (`shopId`, `keyLength`, `sourceKey`);

ALTER TABLE `crosswalk_supplier`
  ADD COLUMN `keyLength` TINYINT UNSIGNED NOT NULL DEFAULT (OCTET_LENGTH(`sourceKey`)) AFTER `shopId`,
  DROP PRIMARY KEY, ADD PRIMARY KEY (`shopId`, `keyLength`, `sourceKey`);
