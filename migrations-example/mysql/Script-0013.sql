-- Sales per month and category, computed every night

CREATE TABLE sales_per_month (
    month       DATE NOT NULL,
    category_id INT NOT NULL,
    category    VARCHAR(100) NOT NULL,
    orders      INT NOT NULL,
    quantity    INT NOT NULL,
    revenue     DECIMAL(12, 2) NOT NULL,
    PRIMARY KEY (month, category_id)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci COMMENT='as of last night; see refresh_reports()';

CREATE FUNCTION first_of_month(p_at DATETIME) RETURNS DATE
DETERMINISTIC NO SQL
RETURN CAST(DATE_FORMAT(p_at, '%Y-%m-01') AS DATE);

DELIMITER $$

/* Called by the event below.
   It used to be a cron job that ran the whole query; that took minutes. */
CREATE PROCEDURE refresh_reports()
MODIFIES SQL DATA
BEGIN
    DELETE FROM sales_per_month;

    INSERT INTO sales_per_month (month, category_id, category, orders, quantity, revenue)
    SELECT first_of_month(o.placed_at) AS m,
           c.id,
           c.name,
           COUNT(DISTINCT o.id),
           SUM(l.quantity),
           SUM(l.total)
      FROM orders AS o
      JOIN order_lines AS l ON l.order_id = o.id
      JOIN products AS p ON p.id = l.product_id
      JOIN categories AS c ON c.id = p.category_id
     WHERE o.status IN ('paid', 'shipped')
     GROUP BY m, c.id, c.name;
END$$

CREATE EVENT refresh_reports_nightly
ON SCHEDULE EVERY 1 DAY STARTS '2024-03-01 03:00:00'
COMMENT 'needs event_scheduler = ON'
DO
BEGIN
    CALL refresh_reports();
END$$

DELIMITER ;

CALL refresh_reports();
