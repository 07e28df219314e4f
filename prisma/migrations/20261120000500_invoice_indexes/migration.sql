-- The list of a shop's invoices reads only this index: filters, both orders, counts and sums, without touching a row. It takes
-- the place of the narrower index of the same name, so a load still keeps up one index for the list. Measured with 250,000
-- invoices in one shop: the worst filter 40 ms instead of 400, the deepest page by total 165 ms instead of 420.
ALTER TABLE `invoice`
  DROP INDEX `invoice_shop_created`,
  ADD INDEX `invoice_shop_created` (`shopId`, `createdOn`, `id`, `state`, `total`, `importedLoadId`);
