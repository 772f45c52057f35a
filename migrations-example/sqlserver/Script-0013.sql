-- Sales per month and category, computed every night

CREATE TABLE dbo.sales_per_month (
    month       date NOT NULL,
    category_id int NOT NULL,
    category    nvarchar(100) NOT NULL,
    orders      int NOT NULL,
    quantity    int NOT NULL,
    revenue     decimal(12, 2) NOT NULL,
    CONSTRAINT PK_sales_per_month PRIMARY KEY (month, category_id)
);
GO

EXEC sys.sp_addextendedproperty
    @name = N'MS_Description', @value = N'as of last night; see dbo.refresh_reports',
    @level0type = N'SCHEMA', @level0name = N'dbo',
    @level1type = N'TABLE',  @level1name = N'sales_per_month';
GO

/* Called by the nightly job.
   /* It used to be a file for sqlcmd that nobody could find:

EXEC dbo.drop_sales;
GO
EXEC dbo.fill_sales;
GO

   Whoever looked at the report between the two saw nothing. */
*/
CREATE PROCEDURE dbo.refresh_reports
AS
BEGIN
    SET NOCOUNT ON;
    SET XACT_ABORT ON;

    DECLARE @rows int;

    BEGIN TRY
        BEGIN TRAN;

        DELETE FROM dbo.sales_per_month;

        INSERT INTO dbo.sales_per_month (month, category_id, category, orders, quantity, revenue)
        SELECT DATEFROMPARTS(YEAR(o.placed_at), MONTH(o.placed_at), 1),
               c.id,
               c.name,
               COUNT(DISTINCT o.id),
               SUM(l.quantity),
               SUM(l.total)
          FROM dbo.orders AS o
          JOIN dbo.order_lines AS l ON l.order_id = o.id
          JOIN dbo.products AS p ON p.id = l.product_id
          JOIN dbo.categories AS c ON c.id = p.category_id
         WHERE o.status IN (N'paid', N'shipped')
         GROUP BY DATEFROMPARTS(YEAR(o.placed_at), MONTH(o.placed_at), 1), c.id, c.name;

        SET @rows = @@ROWCOUNT;

        COMMIT;
    END TRY
    BEGIN CATCH
        IF @@TRANCOUNT > 0
            ROLLBACK;
        THROW;
    END CATCH;

    PRINT CONCAT(N'sales_per_month has ', @rows, N' rows');
END
GO

EXEC dbo.refresh_reports;
GO
