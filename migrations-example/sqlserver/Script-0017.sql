-- Friendlier mail texts

UPDATE dbo.mail_templates
   SET body = REPLACE(body, N'Dear {name},', N'Hello {name},');

UPDATE dbo.mail_templates
   SET subject = N'Order {order_no}: it''s on its way',
       body    = N'Hello {name},

your parcel has just left our warehouse. You can follow it here:
{tracking_url}

/* not happy? */ Send it back within 30 days; we''ll pay the postage.

Your shop'
 WHERE name = N'order_shipped';
GO

-- The winners of the coffee fair. What is between the quotes is text, also the
-- line that says GO.
INSERT INTO dbo.mail_templates (name, subject, body) VALUES
    (N'fair_voucher', N'You have won!',
     N'Hello {name},

your voucher is {voucher_code}: 20 % off your next order. Ready, steady,
GO
and have a look at our new coffees. It is good until the end of the year.

Your shop');

INSERT INTO dbo.mail_templates (name, subject, body) VALUES
    (N'order_returned', N'We have got your parcel back',
     N'Hello {name},

order {order_no} has arrived back here. You''ll have your money in 3 days;
if not, just answer this mail.

-- ' + NCHAR(10) + N'Your shop');
GO
