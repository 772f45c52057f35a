exports.up = (pgm) => {
  pgm.noTransaction();
  pgm.createIndex('customers', 'email', { name: 'ix_customers_email', concurrently: true });
};
exports.down = (pgm) => {
  pgm.noTransaction();
  pgm.dropIndex('customers', 'email', { name: 'ix_customers_email', concurrently: true });
};
