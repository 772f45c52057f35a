-- Friendlier mail texts

UPDATE mail_templates
   SET body = REPLACE(body, 'Dear {name},', 'Hello {name},');

UPDATE mail_templates
   SET subject = "Order {order_no}: it's on its way",
       body    = 'Hello {name},

your parcel has just left our warehouse. You can follow it here:
{tracking_url}

/* not happy? */ Send it back within 30 days; we''ll pay the postage.

Your shop'
 WHERE name = 'order_shipped';

# "-- " and a line end: a mail program takes what follows for the signature.
INSERT INTO mail_templates (name, subject, body) VALUES
    ('order_returned', 'We have got your parcel back',
     'Hello {name},\n
order {order_no} has arrived back here. You\'ll have your money in 3 days;
if not, just answer this mail.\n
-- \nYour shop');
