BEGIN TRANSACTION;
CREATE TABLE alembic_version (
	version_num VARCHAR(32) NOT NULL, 
	CONSTRAINT alembic_version_pkc PRIMARY KEY (version_num)
);
INSERT INTO "alembic_version" VALUES('0001');
CREATE TABLE approval (
	"plan" INTEGER NOT NULL, 
	entity_id INTEGER NOT NULL, 
	connection TEXT NOT NULL, 
	stream TEXT NOT NULL, 
	link_id INTEGER NOT NULL, 
	path TEXT NOT NULL, 
	digest TEXT NOT NULL, 
	"by" TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	action TEXT NOT NULL, 
	brake TEXT NOT NULL, 
	seen BLOB NOT NULL, 
	wanted BLOB NOT NULL, 
	PRIMARY KEY ("plan", entity_id, connection, stream, link_id, path)
);
CREATE TABLE attempt (
	id INTEGER NOT NULL, 
	delivery_id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	operation TEXT NOT NULL, 
	connection TEXT NOT NULL, 
	stream TEXT NOT NULL, 
	entity_type TEXT NOT NULL, 
	entity_id INTEGER NOT NULL, 
	link_id INTEGER, 
	external_id TEXT, 
	"key" TEXT NOT NULL, 
	calls BLOB NOT NULL, 
	change BLOB NOT NULL, 
	covers BLOB NOT NULL, 
	done INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	seq INTEGER NOT NULL, 
	started_at INTEGER NOT NULL, 
	ended_at INTEGER NOT NULL, 
	base_version INTEGER, 
	marker TEXT, 
	looks INTEGER NOT NULL, 
	about TEXT NOT NULL, 
	result TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "attempt" VALUES(1,1,'state','create','till','customers','customer',1,4,'STR3W5K4LC2WJUXSEQJJKUIPT7','join-1',X'5B7B226E616D65223A22637265617465222C22626F6479223A7B22676976656E5F6E616D65223A22416461222C2266616D696C795F6E616D65223A2242657267222C22656D61696C5F61646472657373223A22616461406578616D706C652E6F7267222C2261646472657373223A7B22616464726573735F6C696E655F31223A2252756520556E652031222C226C6F63616C697479223A225061726973222C22706F7374616C5F636F6465223A223735303031227D2C2270686F6E655F6E756D626572223A222B3333313430303030303031222C227265666572656E63655F6964223A226A6F696E2D6538383731363138616563353466346565646362222C226E6F7465223A22746561227D7D5D',X'7B226F7065726174696F6E223A22637265617465222C2265787465726E616C5F6964223A6E756C6C2C226265666F7265223A6E756C6C2C226166746572223A7B22676976656E5F6E616D65223A22416461222C2266616D696C795F6E616D65223A2242657267222C22656D61696C5F61646472657373223A22616461406578616D706C652E6F7267222C2270686F6E655F6E756D626572223A222B3333313430303030303031222C226E6F7465223A22746561222C2261646472657373223A7B22616464726573735F6C696E655F31223A2252756520556E652031222C226C6F63616C697479223A225061726973222C22706F7374616C5F636F6465223A223735303031227D2C227265666572656E63655F6964223A226A6F696E2D6538383731363138616563353466346565646362227D2C227061746873223A5B22676976656E5F6E616D65222C2266616D696C795F6E616D65222C22656D61696C5F61646472657373222C2270686F6E655F6E756D626572222C226E6F7465222C2261646472657373225D2C2276657273696F6E223A6E756C6C2C226D61726B6572223A226A6F696E2D6538383731363138616563353466346565646362227D',X'7B22676976656E5F6E616D65223A7B22676F6C64656E5F76657273696F6E223A312C227374616D70223A302C2273656E74223A22416461227D2C2266616D696C795F6E616D65223A7B22676F6C64656E5F76657273696F6E223A312C227374616D70223A302C2273656E74223A2242657267227D2C22656D61696C223A7B22676F6C64656E5F76657273696F6E223A312C227374616D70223A302C2273656E74223A22616461406578616D706C652E6F7267227D2C2270686F6E65223A7B22676F6C64656E5F76657273696F6E223A312C227374616D70223A302C2273656E74223A222B3333313430303030303031227D2C226E6F7465223A7B22676F6C64656E5F76657273696F6E223A312C227374616D70223A302C2273656E74223A22746561227D2C226164647265737365732F31223A7B22676F6C64656E5F76657273696F6E223A312C227374616D70223A302C2273656E74223A7B226C696E6531223A2252756520556E652031222C2263697479223A225061726973222C22706F7374616C5F636F6465223A223735303031227D7D7D',1,'closed',27,1782896400260000,1782896400280000,NULL,'join-e8871618aec54f4eedcb',0,'','done','');
CREATE TABLE balance (
	variant_id INTEGER NOT NULL, 
	location_id INTEGER NOT NULL, 
	on_hand INTEGER NOT NULL, 
	opened BOOLEAN NOT NULL, 
	PRIMARY KEY (variant_id, location_id)
);
CREATE TABLE connection_state (
	name TEXT NOT NULL, 
	mode TEXT NOT NULL, 
	paused TEXT NOT NULL, 
	epoch INTEGER NOT NULL, 
	started_at INTEGER NOT NULL, 
	accepted INTEGER NOT NULL, 
	rewound_at INTEGER NOT NULL, 
	signs BLOB NOT NULL, 
	stopped_by TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "connection_state" VALUES('shop','live','',0,1782896400000000,0,0,X'7B7D','');
INSERT INTO "connection_state" VALUES('till','propose','',0,1782896400000000,0,0,X'7B7D','');
CREATE TABLE counter (
	kind TEXT NOT NULL, 
	next INTEGER NOT NULL, 
	PRIMARY KEY (kind)
);
INSERT INTO "counter" VALUES('seq',65537);
INSERT INTO "counter" VALUES('run',21);
INSERT INTO "counter" VALUES('delivery',4);
INSERT INTO "counter" VALUES('entity',4);
INSERT INTO "counter" VALUES('journal',7);
INSERT INTO "counter" VALUES('link',6);
INSERT INTO "counter" VALUES('review',4);
INSERT INTO "counter" VALUES('attempt',2);
CREATE TABLE dead_letter (
	id INTEGER NOT NULL, 
	code TEXT NOT NULL, 
	message TEXT NOT NULL, 
	connection TEXT NOT NULL, 
	stream TEXT NOT NULL, 
	external_id TEXT, 
	raw BLOB NOT NULL, 
	at INTEGER NOT NULL, 
	field TEXT NOT NULL, 
	suggestion TEXT NOT NULL, 
	tries INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	PRIMARY KEY (id)
);
CREATE TABLE delivery (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	connection TEXT NOT NULL, 
	stream TEXT NOT NULL, 
	entity_type TEXT NOT NULL, 
	entity_id INTEGER NOT NULL, 
	link_id INTEGER, 
	state TEXT NOT NULL, 
	wait TEXT NOT NULL, 
	not_before INTEGER NOT NULL, 
	tries INTEGER NOT NULL, 
	since INTEGER NOT NULL, 
	aside INTEGER NOT NULL, 
	about TEXT NOT NULL, 
	brake TEXT NOT NULL, 
	left_out BLOB NOT NULL, 
	approved BLOB NOT NULL, 
	act BLOB NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "delivery" VALUES(3,'state','till','customers','customer',1,4,'asking','',0,0,1782903722300000,0,'','',X'7B7D',X'7B7D',X'7B7D');
CREATE TABLE document (
	entity_id INTEGER NOT NULL, 
	type TEXT NOT NULL, 
	connection TEXT NOT NULL, 
	number TEXT, 
	state TEXT, 
	at INTEGER NOT NULL, 
	amount INTEGER, 
	currency TEXT, 
	customer_id INTEGER, 
	order_id INTEGER, 
	ticket_id INTEGER, 
	customer_ref TEXT, 
	order_ref TEXT, 
	ticket_ref TEXT, 
	email TEXT, 
	PRIMARY KEY (entity_id)
);
CREATE TABLE drift (
	connection TEXT NOT NULL, 
	stream TEXT NOT NULL, 
	path TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	count INTEGER NOT NULL, 
	first_at INTEGER NOT NULL, 
	last_at INTEGER NOT NULL, 
	PRIMARY KEY (connection, stream, path, kind)
);
CREATE TABLE entity (
	id INTEGER NOT NULL, 
	type TEXT NOT NULL, 
	state TEXT NOT NULL, 
	alias_of INTEGER, 
	version INTEGER NOT NULL, 
	next_element INTEGER NOT NULL, 
	born_at INTEGER NOT NULL, 
	golden BLOB NOT NULL, 
	more BLOB, 
	PRIMARY KEY (id)
);
INSERT INTO "entity" VALUES(1,'customer','live',NULL,2,2,1782896400000000,X'5B5B302C312C312C305D2C7B22676976656E5F6E616D65223A22416461222C2266616D696C795F6E616D65223A2242657267222C22656D61696C223A22616461406578616D706C652E6F7267222C22656D61696C5F7665726966696564223A66616C73652C2270686F6E65223A222B3333313430303030303031222C226C6F63616C65223A22656E227D2C5B313738323930333639313030303030302C312C322C315D2C7B226E6F7465223A22636F66666565227D2C5B302C312C312C305D2C7B226164647265737365732F31223A7B226C696E6531223A2252756520556E652031222C2263697479223A225061726973222C22706F7374616C5F636F6465223A223735303031227D7D5D',NULL);
INSERT INTO "entity" VALUES(2,'customer','live',NULL,1,1,1782896400000000,X'5B5B302C322C312C305D2C7B22676976656E5F6E616D65223A22426F222C22656D61696C223A22626F406578616D706C652E6F7267222C22656D61696C5F7665726966696564223A66616C73652C226C6F63616C65223A22656E227D5D',NULL);
INSERT INTO "entity" VALUES(3,'customer','live',NULL,1,1,1782900000000000,X'5B5B313738323930303030303030303030302C352C312C315D2C7B22676976656E5F6E616D65223A22416461222C2266616D696C795F6E616D65223A2242657267222C22656D61696C223A22776F726B406578616D706C652E6F7267222C2270686F6E65223A222B3333313430303030303031227D5D',NULL);
CREATE TABLE event_seen (
	connection TEXT NOT NULL, 
	event_id TEXT NOT NULL, 
	at INTEGER NOT NULL, 
	PRIMARY KEY (connection, event_id)
);
CREATE TABLE flag (
	name TEXT NOT NULL, 
	value TEXT NOT NULL, 
	PRIMARY KEY (name)
);
INSERT INTO "flag" VALUES('policies','b855cb0c3242394347531c3c3d4e7564');
INSERT INTO "flag" VALUES('mapping/shop/customers','a4b8359f231f38c0755a');
INSERT INTO "flag" VALUES('mapping-text/a4b8359f231f38c0755a','# Left is our field, right is Shopify''s. A line works both ways unless it says `only:`.
mapping: 1
connector: shopify
stream: customers
entity: customer
identity: id
changed_at: updatedAt                   # whole seconds
created_at: createdAt
empty: [null, ""]
# No contact_points: a customer has one e-mail address and one phone there (defaultEmailAddress, defaultPhoneNumber);
# the phone of an address belongs to that address, and is kept with it.
fields:
  given_name:     firstName
  family_name:    lastName
  email:          {path: defaultEmailAddress.emailAddress, as: email, create_only: true, why: the customer logs in with it}
  email_verified: {path: verifiedEmail, as: flag, only: read}
  phone:          {path: defaultPhoneNumber.phoneNumber, as: phone}
  locale:         {path: locale, clear: omit, why: Shopify fills in the shop''s own}
  note:           note
  tags:           {set: tags}
  consent.email_marketing:
    path: defaultEmailAddress.marketingState
    values: {granted: SUBSCRIBED, withdrawn: UNSUBSCRIBED}
    absent: [NOT_SUBSCRIBED, PENDING, INVALID]    # never asked, not yet confirmed, a dead address: no statement
    changed_at: defaultEmailAddress.marketingUpdatedAt
    clear: refuse
  consent.sms_marketing:
    path: defaultPhoneNumber.marketingState
    values: {granted: SUBSCRIBED, withdrawn: UNSUBSCRIBED}
    absent: [NOT_SUBSCRIBED, PENDING, REDACTED]
    clear: refuse
  addresses:
    each: addresses
    identity: id
    match_by: [line1, postal_code, country_code]
    silent: true                        # Shopify does not promise that an address edit moves updatedAt
    fields:
      given_name:   firstName
      family_name:  lastName
      company:      company
      line1:        address1
      line2:        address2
      city:         city
      region:       {path: provinceCode, lossy: true, why: kept only where the country has provinces}
      postal_code:  zip
      country_code: {path: countryCodeV2, as: country}
      phone:        {path: phone, as: phone}
ignored: [state]
');
INSERT INTO "flag" VALUES('mapping/shop/fulfillments','d3b781ac1fdc5819195c');
INSERT INTO "flag" VALUES('mapping-text/d3b781ac1fdc5819195c','# Left is our field, right is Shopify''s. Orders live in the shop: what it says of them is true. Amounts are those before returns.
mapping: 1
connector: shopify
stream: orders
entity: order
identity: id
changed_at: updatedAt                   # whole seconds; everything that hangs on an order moves it
created_at: createdAt
empty: [null, ""]
fields:
  number:        {path: name, only: read}
  channel:       {path: sourceName, only: read}
  state:         {path: status, values_read: {OPEN: open, CLOSED: completed, CANCELLED: cancelled}, only: read}
  payment_state:
    path: displayFinancialStatus
    values_read:
      PENDING: unpaid
      EXPIRED: unpaid                   # what was authorized was never taken
      AUTHORIZED: authorized
      PARTIALLY_PAID: partially_paid
      PAID: paid
      PARTIALLY_REFUNDED: partially_refunded
      REFUNDED: refunded
      VOIDED: voided
    only: read
  fulfilment_state:
    path: displayFulfillmentStatus
    values_read:
      UNFULFILLED: unfulfilled
      OPEN: unfulfilled
      SCHEDULED: unfulfilled
      ON_HOLD: unfulfilled
      PENDING_FULFILLMENT: unfulfilled
      REQUEST_DECLINED: unfulfilled
      IN_PROGRESS: unfulfilled
      RESTOCKED: unfulfilled
      PARTIALLY_FULFILLED: partially_fulfilled
      FULFILLED: fulfilled
    only: read
  placed_at:      {path: processedAt, as: instant, only: read}
  cancelled_at:   {path: cancelledAt, as: instant, only: read}
  cancel_reason:  {path: cancelReason, only: read}
  email:          {path: email, as: email, only: read}
  phone:          {path: phone, as: phone, only: read}
  tax_included:   {path: taxesIncluded, as: flag, only: read}
  subtotal:       {path: subtotalPriceSet.shopMoney.amount, minor: major, currency: subtotalPriceSet.shopMoney.currencyCode, only: read}
  discount_total: {path: totalDiscountsSet.shopMoney.amount, minor: major, currency: totalDiscountsSet.shopMoney.currencyCode, only: read}
  shipping_total: {path: shippingTotal.amount, minor: major, currency: shippingTotal.currencyCode, only: read}
  tax_total:      {path: totalTaxSet.shopMoney.amount, minor: major, currency: totalTaxSet.shopMoney.currencyCode, only: read}
  total:          {path: totalPriceSet.shopMoney.amount, minor: major, currency: totalPriceSet.shopMoney.currencyCode, only: read}
  paid_total:     {path: totalReceivedSet.shopMoney.amount, minor: major, currency: totalReceivedSet.shopMoney.currencyCode, only: read}
  refunded_total: {path: totalRefundedSet.shopMoney.amount, minor: major, currency: totalRefundedSet.shopMoney.currencyCode, only: read}
  note:           {path: note, only: read}
  tags:           {set: tags, only: read}
  lines:
    each: lineItems
    identity: id
    match_by: [sku, title]
    only: read
    fields:
      sku:        sku
      title:      name
      variant:    variant.id
      quantity:   {path: quantity, as: count}
      unit_price: {path: originalUnitPriceSet.shopMoney.amount, minor: major, currency: originalUnitPriceSet.shopMoney.currencyCode}
      discount:   {path: discount.amount, minor: major, currency: discount.currencyCode}
      tax:        {path: tax.amount, minor: major, currency: tax.currencyCode}
      total:      {path: total.amount, minor: major, currency: total.currencyCode}
  discounts:                            # what they took off stands in the lines
    each: discounts
    match_by: [code]
    only: read
    fields: {code: code}
  taxes:
    each: taxLines
    match_by: [title, rate]
    only: read
    fields:
      title:  title
      rate:   {path: rate, as: decimal}
      amount: {path: priceSet.shopMoney.amount, minor: major, currency: priceSet.shopMoney.currencyCode}
  shipping:
    each: shippingLines
    identity: id
    match_by: [title]
    only: read
    fields:
      title:  title
      amount: {path: discountedPriceSet.shopMoney.amount, minor: major, currency: discountedPriceSet.shopMoney.currencyCode}
  ship_to:
    each: shippingAddress
    match_by: [line1, postal_code]
    only: read
    fits: first
    fields:
      name:         name
      line1:        address1
      line2:        address2
      city:         city
      region:       provinceCode
      postal_code:  zip
      country_code: {path: countryCodeV2, as: country}
refs:
  customer: {path: customer.id, stream: customers}          # a guest has none; the e-mail says who it may be
  location: {path: retailLocation.id, stream: locations}
parts:
  transactions:
    each: transactions
    stream: transactions
    entity: payment
    identity: id
    created_at: createdAt
    fields:
      state:
        path: outcome                   # kind and status
        values_read:
          SALE_SUCCESS: paid
          CAPTURE_SUCCESS: paid
          AUTHORIZATION_SUCCESS: authorized
          EMV_AUTHORIZATION_SUCCESS: authorized
          VOID_SUCCESS: voided
          SALE_PENDING: pending
          CAPTURE_PENDING: pending
          AUTHORIZATION_PENDING: pending
          SALE_AWAITING_RESPONSE: pending
          CAPTURE_AWAITING_RESPONSE: pending
          AUTHORIZATION_AWAITING_RESPONSE: pending
          SALE_FAILURE: failed
          CAPTURE_FAILURE: failed
          AUTHORIZATION_FAILURE: failed
          EMV_AUTHORIZATION_FAILURE: failed
          SALE_ERROR: failed
          CAPTURE_ERROR: failed
          AUTHORIZATION_ERROR: failed
        only: read
      method:    {path: gateway, only: read}
      amount:    {path: amountSet.shopMoney.amount, minor: major, currency: amountSet.shopMoney.currencyCode, only: read}
      paid_at:   {path: processedAt, as: instant, only: read}
      reference: {path: paymentId, only: read}
    refs:
      order: {path: order.id, stream: orders}
    ignored: [kind, status]             # see outcome
  refunds:
    each: refunds
    stream: refunds
    entity: refund
    identity: id
    changed_at: updatedAt
    created_at: createdAt
    fields:
      state:       {path: status, values_read: {SUCCESS: done, PENDING: pending, FAILURE: failed}, only: read}
      amount:
        path: totalRefundedSet.shopMoney.amount
        minor: major
        currency: totalRefundedSet.shopMoney.currencyCode
        required: true
        clear: refuse
      note:        note
      refunded_at: {path: processedAt, as: instant, clear: refuse}
      pieces:
        each: refundLineItems
        identity: id
        match_by: [sku]
        fields:
          line:      {path: lineItem.id, only: read}
          sku:       lineItem.sku
          quantity:  {path: quantity, as: count}
          amount:    {path: subtotalSet.shopMoney.amount, minor: major, currency: subtotalSet.shopMoney.currencyCode, only: read}
          restocked: {path: restocked, as: flag, only: read, why: the hub brings stock as figures}
    refs:
      order:    {path: order.id, stream: orders}
      location: {path: location.id, stream: locations}
    ignored: [refundLineItems.location]
  fulfillments:
    each: fulfillments
    stream: fulfillments
    entity: fulfilment
    identity: id
    changed_at: updatedAt
    created_at: createdAt
    fields:
      kind:
        path: displayStatus
        values_read:
          READY_FOR_PICKUP: pickup
          PICKED_UP: pickup
          FULFILLED: ship
          MARKED_AS_FULFILLED: ship
          CONFIRMED: ship
          SUBMITTED: ship
          LABEL_PRINTED: ship
          LABEL_PURCHASED: ship
          CARRIER_PICKED_UP: ship
          IN_TRANSIT: ship
          OUT_FOR_DELIVERY: ship
          ATTEMPTED_DELIVERY: ship
          DELAYED: ship
          DELIVERED: ship
          NOT_DELIVERED: ship
        absent: [CANCELED, CANCELLED, FAILURE, ERROR, LABEL_VOIDED, SUCCESS]    # that says nothing of how it goes
        only: read
      state:
        path: displayStatus
        values_read:
          SUBMITTED: in_progress
          CONFIRMED: in_progress
          LABEL_PURCHASED: in_progress
          LABEL_PRINTED: in_progress
          LABEL_VOIDED: in_progress
          READY_FOR_PICKUP: ready
          SUCCESS: shipped
          FULFILLED: shipped
          MARKED_AS_FULFILLED: shipped
          CARRIER_PICKED_UP: shipped
          IN_TRANSIT: shipped
          OUT_FOR_DELIVERY: shipped
          ATTEMPTED_DELIVERY: shipped
          DELAYED: shipped
          DELIVERED: delivered
          PICKED_UP: picked_up
          NOT_DELIVERED: failed
          FAILURE: failed
          ERROR: failed
          CANCELED: cancelled
          CANCELLED: cancelled
        only: read
      tracking_number:  {path: "trackingInfo[0].number", only: read}
      tracking_company: {path: "trackingInfo[0].company", only: read}
      tracking_url:     {path: "trackingInfo[0].url", only: read}
      fulfilled_at:     {path: createdAt, as: instant, only: read}
      pieces:
        each: fulfillmentLineItems
        identity: id
        match_by: [line, sku]
        only: read
        fields:
          line:     lineItem.id
          sku:      lineItem.sku
          quantity: {path: quantity, as: count}
    refs:
      order:    {path: order.id, stream: orders}
      location: {path: location.id, stream: locations}
    ignored: [name, status, "trackingInfo.*"]
  returns:
    each: returns
    stream: returns
    entity: return
    identity: id
    created_at: createdAt
    fields:
      number:       {path: name, only: read}
      state:        {path: status, values_read: {REQUESTED: requested, OPEN: open, CLOSED: closed, DECLINED: declined, CANCELED: cancelled}, only: read}
      reason:       {path: "returnLineItems[0].returnReasonDefinition.handle", only: read}
      requested_at: {path: createdAt, as: instant, only: read}
      pieces:
        each: returnLineItems
        identity: id
        match_by: [line, sku]
        only: read
        fields:
          line:     lineItem.id
          sku:      lineItem.sku
          quantity: {path: quantity, as: count}
    refs:
      order: {path: order.id, stream: orders}
    ignored: [returnLineItems.returnReasonNote, returnLineItems.returnReasonDefinition]
ignored: [closed, taxLines.*]
');
INSERT INTO "flag" VALUES('mapping/shop/inventory','2d9d0cf62f21b210119a');
INSERT INTO "flag" VALUES('mapping-text/2d9d0cf62f21b210119a','# One level is one inventory item at one location. The figures are moved by the sink as quantities, never as fields.
mapping: 1
connector: shopify
stream: inventory
entity: inventory_level
identity: id                            # item number | location number, as webhooks name a level
changed_at: updatedAt
created_at: createdAt
only_when: {item.tracked: true}         # an untracked item has figures that mean nothing
empty: [null, ""]
fields:
  on_hand:   {path: quantities.on_hand, as: count, only: read}
  available: {path: quantities.available, as: count, only: read}
  reserved:  {path: notForSale, as: count, only: read, why: "committed to orders, reserved, damaged or kept back"}
refs:
  variant:  {path: variant.id, stream: variants}
  location: {path: location.id, stream: locations}
ignored:
  - levelId
  - isActive
  - item.id
  - item.sku
  - quantities.committed                # these are parts of notForSale
  - quantities.reserved
  - quantities.damaged
  - quantities.safety_stock
  - quantities.quality_control
  - quantities.incoming                 # not there yet
');
INSERT INTO "flag" VALUES('mapping/shop/locations','71565a1a45be2fd25b1a');
INSERT INTO "flag" VALUES('mapping-text/71565a1a45be2fd25b1a','# Locations are read only; they match across systems by a code the retailer configures.
mapping: 1
connector: shopify
stream: locations
entity: location
identity: id
changed_at: updatedAt
created_at: createdAt
empty: [null, ""]
fields:
  name:         {path: name, only: read}
  active:       {path: isActive, as: flag, only: read}
  line1:        {path: address.address1, only: read}
  city:         {path: address.city, only: read}
  postal_code:  {path: address.zip, only: read}
  country_code: {path: address.countryCode, as: country, only: read}
  phone:        {path: address.phone, as: phone, only: read}
ignored: [fulfillsOnlineOrders, address.address2, address.provinceCode]
');
INSERT INTO "flag" VALUES('mapping/shop/orders','aa27c5dd157e902ad41a');
INSERT INTO "flag" VALUES('mapping-text/aa27c5dd157e902ad41a','# Left is our field, right is Shopify''s. Orders live in the shop: what it says of them is true. Amounts are those before returns.
mapping: 1
connector: shopify
stream: orders
entity: order
identity: id
changed_at: updatedAt                   # whole seconds; everything that hangs on an order moves it
created_at: createdAt
empty: [null, ""]
fields:
  number:        {path: name, only: read}
  channel:       {path: sourceName, only: read}
  state:         {path: status, values_read: {OPEN: open, CLOSED: completed, CANCELLED: cancelled}, only: read}
  payment_state:
    path: displayFinancialStatus
    values_read:
      PENDING: unpaid
      EXPIRED: unpaid                   # what was authorized was never taken
      AUTHORIZED: authorized
      PARTIALLY_PAID: partially_paid
      PAID: paid
      PARTIALLY_REFUNDED: partially_refunded
      REFUNDED: refunded
      VOIDED: voided
    only: read
  fulfilment_state:
    path: displayFulfillmentStatus
    values_read:
      UNFULFILLED: unfulfilled
      OPEN: unfulfilled
      SCHEDULED: unfulfilled
      ON_HOLD: unfulfilled
      PENDING_FULFILLMENT: unfulfilled
      REQUEST_DECLINED: unfulfilled
      IN_PROGRESS: unfulfilled
      RESTOCKED: unfulfilled
      PARTIALLY_FULFILLED: partially_fulfilled
      FULFILLED: fulfilled
    only: read
  placed_at:      {path: processedAt, as: instant, only: read}
  cancelled_at:   {path: cancelledAt, as: instant, only: read}
  cancel_reason:  {path: cancelReason, only: read}
  email:          {path: email, as: email, only: read}
  phone:          {path: phone, as: phone, only: read}
  tax_included:   {path: taxesIncluded, as: flag, only: read}
  subtotal:       {path: subtotalPriceSet.shopMoney.amount, minor: major, currency: subtotalPriceSet.shopMoney.currencyCode, only: read}
  discount_total: {path: totalDiscountsSet.shopMoney.amount, minor: major, currency: totalDiscountsSet.shopMoney.currencyCode, only: read}
  shipping_total: {path: shippingTotal.amount, minor: major, currency: shippingTotal.currencyCode, only: read}
  tax_total:      {path: totalTaxSet.shopMoney.amount, minor: major, currency: totalTaxSet.shopMoney.currencyCode, only: read}
  total:          {path: totalPriceSet.shopMoney.amount, minor: major, currency: totalPriceSet.shopMoney.currencyCode, only: read}
  paid_total:     {path: totalReceivedSet.shopMoney.amount, minor: major, currency: totalReceivedSet.shopMoney.currencyCode, only: read}
  refunded_total: {path: totalRefundedSet.shopMoney.amount, minor: major, currency: totalRefundedSet.shopMoney.currencyCode, only: read}
  note:           {path: note, only: read}
  tags:           {set: tags, only: read}
  lines:
    each: lineItems
    identity: id
    match_by: [sku, title]
    only: read
    fields:
      sku:        sku
      title:      name
      variant:    variant.id
      quantity:   {path: quantity, as: count}
      unit_price: {path: originalUnitPriceSet.shopMoney.amount, minor: major, currency: originalUnitPriceSet.shopMoney.currencyCode}
      discount:   {path: discount.amount, minor: major, currency: discount.currencyCode}
      tax:        {path: tax.amount, minor: major, currency: tax.currencyCode}
      total:      {path: total.amount, minor: major, currency: total.currencyCode}
  discounts:                            # what they took off stands in the lines
    each: discounts
    match_by: [code]
    only: read
    fields: {code: code}
  taxes:
    each: taxLines
    match_by: [title, rate]
    only: read
    fields:
      title:  title
      rate:   {path: rate, as: decimal}
      amount: {path: priceSet.shopMoney.amount, minor: major, currency: priceSet.shopMoney.currencyCode}
  shipping:
    each: shippingLines
    identity: id
    match_by: [title]
    only: read
    fields:
      title:  title
      amount: {path: discountedPriceSet.shopMoney.amount, minor: major, currency: discountedPriceSet.shopMoney.currencyCode}
  ship_to:
    each: shippingAddress
    match_by: [line1, postal_code]
    only: read
    fits: first
    fields:
      name:         name
      line1:        address1
      line2:        address2
      city:         city
      region:       provinceCode
      postal_code:  zip
      country_code: {path: countryCodeV2, as: country}
refs:
  customer: {path: customer.id, stream: customers}          # a guest has none; the e-mail says who it may be
  location: {path: retailLocation.id, stream: locations}
parts:
  transactions:
    each: transactions
    stream: transactions
    entity: payment
    identity: id
    created_at: createdAt
    fields:
      state:
        path: outcome                   # kind and status
        values_read:
          SALE_SUCCESS: paid
          CAPTURE_SUCCESS: paid
          AUTHORIZATION_SUCCESS: authorized
          EMV_AUTHORIZATION_SUCCESS: authorized
          VOID_SUCCESS: voided
          SALE_PENDING: pending
          CAPTURE_PENDING: pending
          AUTHORIZATION_PENDING: pending
          SALE_AWAITING_RESPONSE: pending
          CAPTURE_AWAITING_RESPONSE: pending
          AUTHORIZATION_AWAITING_RESPONSE: pending
          SALE_FAILURE: failed
          CAPTURE_FAILURE: failed
          AUTHORIZATION_FAILURE: failed
          EMV_AUTHORIZATION_FAILURE: failed
          SALE_ERROR: failed
          CAPTURE_ERROR: failed
          AUTHORIZATION_ERROR: failed
        only: read
      method:    {path: gateway, only: read}
      amount:    {path: amountSet.shopMoney.amount, minor: major, currency: amountSet.shopMoney.currencyCode, only: read}
      paid_at:   {path: processedAt, as: instant, only: read}
      reference: {path: paymentId, only: read}
    refs:
      order: {path: order.id, stream: orders}
    ignored: [kind, status]             # see outcome
  refunds:
    each: refunds
    stream: refunds
    entity: refund
    identity: id
    changed_at: updatedAt
    created_at: createdAt
    fields:
      state:       {path: status, values_read: {SUCCESS: done, PENDING: pending, FAILURE: failed}, only: read}
      amount:
        path: totalRefundedSet.shopMoney.amount
        minor: major
        currency: totalRefundedSet.shopMoney.currencyCode
        required: true
        clear: refuse
      note:        note
      refunded_at: {path: processedAt, as: instant, clear: refuse}
      pieces:
        each: refundLineItems
        identity: id
        match_by: [sku]
        fields:
          line:      {path: lineItem.id, only: read}
          sku:       lineItem.sku
          quantity:  {path: quantity, as: count}
          amount:    {path: subtotalSet.shopMoney.amount, minor: major, currency: subtotalSet.shopMoney.currencyCode, only: read}
          restocked: {path: restocked, as: flag, only: read, why: the hub brings stock as figures}
    refs:
      order:    {path: order.id, stream: orders}
      location: {path: location.id, stream: locations}
    ignored: [refundLineItems.location]
  fulfillments:
    each: fulfillments
    stream: fulfillments
    entity: fulfilment
    identity: id
    changed_at: updatedAt
    created_at: createdAt
    fields:
      kind:
        path: displayStatus
        values_read:
          READY_FOR_PICKUP: pickup
          PICKED_UP: pickup
          FULFILLED: ship
          MARKED_AS_FULFILLED: ship
          CONFIRMED: ship
          SUBMITTED: ship
          LABEL_PRINTED: ship
          LABEL_PURCHASED: ship
          CARRIER_PICKED_UP: ship
          IN_TRANSIT: ship
          OUT_FOR_DELIVERY: ship
          ATTEMPTED_DELIVERY: ship
          DELAYED: ship
          DELIVERED: ship
          NOT_DELIVERED: ship
        absent: [CANCELED, CANCELLED, FAILURE, ERROR, LABEL_VOIDED, SUCCESS]    # that says nothing of how it goes
        only: read
      state:
        path: displayStatus
        values_read:
          SUBMITTED: in_progress
          CONFIRMED: in_progress
          LABEL_PURCHASED: in_progress
          LABEL_PRINTED: in_progress
          LABEL_VOIDED: in_progress
          READY_FOR_PICKUP: ready
          SUCCESS: shipped
          FULFILLED: shipped
          MARKED_AS_FULFILLED: shipped
          CARRIER_PICKED_UP: shipped
          IN_TRANSIT: shipped
          OUT_FOR_DELIVERY: shipped
          ATTEMPTED_DELIVERY: shipped
          DELAYED: shipped
          DELIVERED: delivered
          PICKED_UP: picked_up
          NOT_DELIVERED: failed
          FAILURE: failed
          ERROR: failed
          CANCELED: cancelled
          CANCELLED: cancelled
        only: read
      tracking_number:  {path: "trackingInfo[0].number", only: read}
      tracking_company: {path: "trackingInfo[0].company", only: read}
      tracking_url:     {path: "trackingInfo[0].url", only: read}
      fulfilled_at:     {path: createdAt, as: instant, only: read}
      pieces:
        each: fulfillmentLineItems
        identity: id
        match_by: [line, sku]
        only: read
        fields:
          line:     lineItem.id
          sku:      lineItem.sku
          quantity: {path: quantity, as: count}
    refs:
      order:    {path: order.id, stream: orders}
      location: {path: location.id, stream: locations}
    ignored: [name, status, "trackingInfo.*"]
  returns:
    each: returns
    stream: returns
    entity: return
    identity: id
    created_at: createdAt
    fields:
      number:       {path: name, only: read}
      state:        {path: status, values_read: {REQUESTED: requested, OPEN: open, CLOSED: closed, DECLINED: declined, CANCELED: cancelled}, only: read}
      reason:       {path: "returnLineItems[0].returnReasonDefinition.handle", only: read}
      requested_at: {path: createdAt, as: instant, only: read}
      pieces:
        each: returnLineItems
        identity: id
        match_by: [line, sku]
        only: read
        fields:
          line:     lineItem.id
          sku:      lineItem.sku
          quantity: {path: quantity, as: count}
    refs:
      order: {path: order.id, stream: orders}
    ignored: [returnLineItems.returnReasonNote, returnLineItems.returnReasonDefinition]
ignored: [closed, taxLines.*]
');
INSERT INTO "flag" VALUES('mapping/shop/products','47a993ea453579dd27ee');
INSERT INTO "flag" VALUES('mapping-text/47a993ea453579dd27ee','# Left is our field, right is Shopify''s. A line works both ways unless it says `only:`.
mapping: 1
connector: shopify
stream: products
entity: product
identity: id
changed_at: updatedAt                   # also moved by its variants and by their stock
created_at: createdAt
empty: [null, ""]
fields:
  title:       {path: title, max_length: 255, clear: refuse}
  description: {path: descriptionHtml, clear: "", lossy: true, why: Shopify tidies the HTML}
  handle:      {path: handle, only: read, why: it is the address of the product''s page}
  brand:       {path: vendor, clear: ""}
  category:    {path: productType, clear: ""}
  status:
    path: status
    values: {active: ACTIVE, draft: DRAFT, archived: ARCHIVED}
    values_read: {UNLISTED: active}     # on sale for whoever knows the address
    clear: refuse
  tags:        {set: tags}
parts:
  variants:
    each: variants
    stream: variants
    entity: variant
    identity: id
    changed_at: updatedAt
    created_at: createdAt
    empty: [null, ""]
    fields:
      title:            {path: title, only: read, why: made of the options}
      sku:              sku
      barcode:          barcode
      price:            {path: price, as: money, minor: major, currency: connection, clear: refuse}
      compare_at_price: {path: compareAtPrice, as: money, minor: major, currency: connection}
      tracked:          {path: inventoryItem.tracked, as: flag, clear: refuse}
    refs:
      product: {path: product.id, stream: products}
    ignored: [position, inventoryItem.id]
');
INSERT INTO "flag" VALUES('mapping/shop/refunds','136ddc0a7740b6da4739');
INSERT INTO "flag" VALUES('mapping-text/136ddc0a7740b6da4739','# Left is our field, right is Shopify''s. Orders live in the shop: what it says of them is true. Amounts are those before returns.
mapping: 1
connector: shopify
stream: orders
entity: order
identity: id
changed_at: updatedAt                   # whole seconds; everything that hangs on an order moves it
created_at: createdAt
empty: [null, ""]
fields:
  number:        {path: name, only: read}
  channel:       {path: sourceName, only: read}
  state:         {path: status, values_read: {OPEN: open, CLOSED: completed, CANCELLED: cancelled}, only: read}
  payment_state:
    path: displayFinancialStatus
    values_read:
      PENDING: unpaid
      EXPIRED: unpaid                   # what was authorized was never taken
      AUTHORIZED: authorized
      PARTIALLY_PAID: partially_paid
      PAID: paid
      PARTIALLY_REFUNDED: partially_refunded
      REFUNDED: refunded
      VOIDED: voided
    only: read
  fulfilment_state:
    path: displayFulfillmentStatus
    values_read:
      UNFULFILLED: unfulfilled
      OPEN: unfulfilled
      SCHEDULED: unfulfilled
      ON_HOLD: unfulfilled
      PENDING_FULFILLMENT: unfulfilled
      REQUEST_DECLINED: unfulfilled
      IN_PROGRESS: unfulfilled
      RESTOCKED: unfulfilled
      PARTIALLY_FULFILLED: partially_fulfilled
      FULFILLED: fulfilled
    only: read
  placed_at:      {path: processedAt, as: instant, only: read}
  cancelled_at:   {path: cancelledAt, as: instant, only: read}
  cancel_reason:  {path: cancelReason, only: read}
  email:          {path: email, as: email, only: read}
  phone:          {path: phone, as: phone, only: read}
  tax_included:   {path: taxesIncluded, as: flag, only: read}
  subtotal:       {path: subtotalPriceSet.shopMoney.amount, minor: major, currency: subtotalPriceSet.shopMoney.currencyCode, only: read}
  discount_total: {path: totalDiscountsSet.shopMoney.amount, minor: major, currency: totalDiscountsSet.shopMoney.currencyCode, only: read}
  shipping_total: {path: shippingTotal.amount, minor: major, currency: shippingTotal.currencyCode, only: read}
  tax_total:      {path: totalTaxSet.shopMoney.amount, minor: major, currency: totalTaxSet.shopMoney.currencyCode, only: read}
  total:          {path: totalPriceSet.shopMoney.amount, minor: major, currency: totalPriceSet.shopMoney.currencyCode, only: read}
  paid_total:     {path: totalReceivedSet.shopMoney.amount, minor: major, currency: totalReceivedSet.shopMoney.currencyCode, only: read}
  refunded_total: {path: totalRefundedSet.shopMoney.amount, minor: major, currency: totalRefundedSet.shopMoney.currencyCode, only: read}
  note:           {path: note, only: read}
  tags:           {set: tags, only: read}
  lines:
    each: lineItems
    identity: id
    match_by: [sku, title]
    only: read
    fields:
      sku:        sku
      title:      name
      variant:    variant.id
      quantity:   {path: quantity, as: count}
      unit_price: {path: originalUnitPriceSet.shopMoney.amount, minor: major, currency: originalUnitPriceSet.shopMoney.currencyCode}
      discount:   {path: discount.amount, minor: major, currency: discount.currencyCode}
      tax:        {path: tax.amount, minor: major, currency: tax.currencyCode}
      total:      {path: total.amount, minor: major, currency: total.currencyCode}
  discounts:                            # what they took off stands in the lines
    each: discounts
    match_by: [code]
    only: read
    fields: {code: code}
  taxes:
    each: taxLines
    match_by: [title, rate]
    only: read
    fields:
      title:  title
      rate:   {path: rate, as: decimal}
      amount: {path: priceSet.shopMoney.amount, minor: major, currency: priceSet.shopMoney.currencyCode}
  shipping:
    each: shippingLines
    identity: id
    match_by: [title]
    only: read
    fields:
      title:  title
      amount: {path: discountedPriceSet.shopMoney.amount, minor: major, currency: discountedPriceSet.shopMoney.currencyCode}
  ship_to:
    each: shippingAddress
    match_by: [line1, postal_code]
    only: read
    fits: first
    fields:
      name:         name
      line1:        address1
      line2:        address2
      city:         city
      region:       provinceCode
      postal_code:  zip
      country_code: {path: countryCodeV2, as: country}
refs:
  customer: {path: customer.id, stream: customers}          # a guest has none; the e-mail says who it may be
  location: {path: retailLocation.id, stream: locations}
parts:
  transactions:
    each: transactions
    stream: transactions
    entity: payment
    identity: id
    created_at: createdAt
    fields:
      state:
        path: outcome                   # kind and status
        values_read:
          SALE_SUCCESS: paid
          CAPTURE_SUCCESS: paid
          AUTHORIZATION_SUCCESS: authorized
          EMV_AUTHORIZATION_SUCCESS: authorized
          VOID_SUCCESS: voided
          SALE_PENDING: pending
          CAPTURE_PENDING: pending
          AUTHORIZATION_PENDING: pending
          SALE_AWAITING_RESPONSE: pending
          CAPTURE_AWAITING_RESPONSE: pending
          AUTHORIZATION_AWAITING_RESPONSE: pending
          SALE_FAILURE: failed
          CAPTURE_FAILURE: failed
          AUTHORIZATION_FAILURE: failed
          EMV_AUTHORIZATION_FAILURE: failed
          SALE_ERROR: failed
          CAPTURE_ERROR: failed
          AUTHORIZATION_ERROR: failed
        only: read
      method:    {path: gateway, only: read}
      amount:    {path: amountSet.shopMoney.amount, minor: major, currency: amountSet.shopMoney.currencyCode, only: read}
      paid_at:   {path: processedAt, as: instant, only: read}
      reference: {path: paymentId, only: read}
    refs:
      order: {path: order.id, stream: orders}
    ignored: [kind, status]             # see outcome
  refunds:
    each: refunds
    stream: refunds
    entity: refund
    identity: id
    changed_at: updatedAt
    created_at: createdAt
    fields:
      state:       {path: status, values_read: {SUCCESS: done, PENDING: pending, FAILURE: failed}, only: read}
      amount:
        path: totalRefundedSet.shopMoney.amount
        minor: major
        currency: totalRefundedSet.shopMoney.currencyCode
        required: true
        clear: refuse
      note:        note
      refunded_at: {path: processedAt, as: instant, clear: refuse}
      pieces:
        each: refundLineItems
        identity: id
        match_by: [sku]
        fields:
          line:      {path: lineItem.id, only: read}
          sku:       lineItem.sku
          quantity:  {path: quantity, as: count}
          amount:    {path: subtotalSet.shopMoney.amount, minor: major, currency: subtotalSet.shopMoney.currencyCode, only: read}
          restocked: {path: restocked, as: flag, only: read, why: the hub brings stock as figures}
    refs:
      order:    {path: order.id, stream: orders}
      location: {path: location.id, stream: locations}
    ignored: [refundLineItems.location]
  fulfillments:
    each: fulfillments
    stream: fulfillments
    entity: fulfilment
    identity: id
    changed_at: updatedAt
    created_at: createdAt
    fields:
      kind:
        path: displayStatus
        values_read:
          READY_FOR_PICKUP: pickup
          PICKED_UP: pickup
          FULFILLED: ship
          MARKED_AS_FULFILLED: ship
          CONFIRMED: ship
          SUBMITTED: ship
          LABEL_PRINTED: ship
          LABEL_PURCHASED: ship
          CARRIER_PICKED_UP: ship
          IN_TRANSIT: ship
          OUT_FOR_DELIVERY: ship
          ATTEMPTED_DELIVERY: ship
          DELAYED: ship
          DELIVERED: ship
          NOT_DELIVERED: ship
        absent: [CANCELED, CANCELLED, FAILURE, ERROR, LABEL_VOIDED, SUCCESS]    # that says nothing of how it goes
        only: read
      state:
        path: displayStatus
        values_read:
          SUBMITTED: in_progress
          CONFIRMED: in_progress
          LABEL_PURCHASED: in_progress
          LABEL_PRINTED: in_progress
          LABEL_VOIDED: in_progress
          READY_FOR_PICKUP: ready
          SUCCESS: shipped
          FULFILLED: shipped
          MARKED_AS_FULFILLED: shipped
          CARRIER_PICKED_UP: shipped
          IN_TRANSIT: shipped
          OUT_FOR_DELIVERY: shipped
          ATTEMPTED_DELIVERY: shipped
          DELAYED: shipped
          DELIVERED: delivered
          PICKED_UP: picked_up
          NOT_DELIVERED: failed
          FAILURE: failed
          ERROR: failed
          CANCELED: cancelled
          CANCELLED: cancelled
        only: read
      tracking_number:  {path: "trackingInfo[0].number", only: read}
      tracking_company: {path: "trackingInfo[0].company", only: read}
      tracking_url:     {path: "trackingInfo[0].url", only: read}
      fulfilled_at:     {path: createdAt, as: instant, only: read}
      pieces:
        each: fulfillmentLineItems
        identity: id
        match_by: [line, sku]
        only: read
        fields:
          line:     lineItem.id
          sku:      lineItem.sku
          quantity: {path: quantity, as: count}
    refs:
      order:    {path: order.id, stream: orders}
      location: {path: location.id, stream: locations}
    ignored: [name, status, "trackingInfo.*"]
  returns:
    each: returns
    stream: returns
    entity: return
    identity: id
    created_at: createdAt
    fields:
      number:       {path: name, only: read}
      state:        {path: status, values_read: {REQUESTED: requested, OPEN: open, CLOSED: closed, DECLINED: declined, CANCELED: cancelled}, only: read}
      reason:       {path: "returnLineItems[0].returnReasonDefinition.handle", only: read}
      requested_at: {path: createdAt, as: instant, only: read}
      pieces:
        each: returnLineItems
        identity: id
        match_by: [line, sku]
        only: read
        fields:
          line:     lineItem.id
          sku:      lineItem.sku
          quantity: {path: quantity, as: count}
    refs:
      order: {path: order.id, stream: orders}
    ignored: [returnLineItems.returnReasonNote, returnLineItems.returnReasonDefinition]
ignored: [closed, taxLines.*]
');
INSERT INTO "flag" VALUES('mapping/shop/returns','9a1572770feb282bd382');
INSERT INTO "flag" VALUES('mapping-text/9a1572770feb282bd382','# Left is our field, right is Shopify''s. Orders live in the shop: what it says of them is true. Amounts are those before returns.
mapping: 1
connector: shopify
stream: orders
entity: order
identity: id
changed_at: updatedAt                   # whole seconds; everything that hangs on an order moves it
created_at: createdAt
empty: [null, ""]
fields:
  number:        {path: name, only: read}
  channel:       {path: sourceName, only: read}
  state:         {path: status, values_read: {OPEN: open, CLOSED: completed, CANCELLED: cancelled}, only: read}
  payment_state:
    path: displayFinancialStatus
    values_read:
      PENDING: unpaid
      EXPIRED: unpaid                   # what was authorized was never taken
      AUTHORIZED: authorized
      PARTIALLY_PAID: partially_paid
      PAID: paid
      PARTIALLY_REFUNDED: partially_refunded
      REFUNDED: refunded
      VOIDED: voided
    only: read
  fulfilment_state:
    path: displayFulfillmentStatus
    values_read:
      UNFULFILLED: unfulfilled
      OPEN: unfulfilled
      SCHEDULED: unfulfilled
      ON_HOLD: unfulfilled
      PENDING_FULFILLMENT: unfulfilled
      REQUEST_DECLINED: unfulfilled
      IN_PROGRESS: unfulfilled
      RESTOCKED: unfulfilled
      PARTIALLY_FULFILLED: partially_fulfilled
      FULFILLED: fulfilled
    only: read
  placed_at:      {path: processedAt, as: instant, only: read}
  cancelled_at:   {path: cancelledAt, as: instant, only: read}
  cancel_reason:  {path: cancelReason, only: read}
  email:          {path: email, as: email, only: read}
  phone:          {path: phone, as: phone, only: read}
  tax_included:   {path: taxesIncluded, as: flag, only: read}
  subtotal:       {path: subtotalPriceSet.shopMoney.amount, minor: major, currency: subtotalPriceSet.shopMoney.currencyCode, only: read}
  discount_total: {path: totalDiscountsSet.shopMoney.amount, minor: major, currency: totalDiscountsSet.shopMoney.currencyCode, only: read}
  shipping_total: {path: shippingTotal.amount, minor: major, currency: shippingTotal.currencyCode, only: read}
  tax_total:      {path: totalTaxSet.shopMoney.amount, minor: major, currency: totalTaxSet.shopMoney.currencyCode, only: read}
  total:          {path: totalPriceSet.shopMoney.amount, minor: major, currency: totalPriceSet.shopMoney.currencyCode, only: read}
  paid_total:     {path: totalReceivedSet.shopMoney.amount, minor: major, currency: totalReceivedSet.shopMoney.currencyCode, only: read}
  refunded_total: {path: totalRefundedSet.shopMoney.amount, minor: major, currency: totalRefundedSet.shopMoney.currencyCode, only: read}
  note:           {path: note, only: read}
  tags:           {set: tags, only: read}
  lines:
    each: lineItems
    identity: id
    match_by: [sku, title]
    only: read
    fields:
      sku:        sku
      title:      name
      variant:    variant.id
      quantity:   {path: quantity, as: count}
      unit_price: {path: originalUnitPriceSet.shopMoney.amount, minor: major, currency: originalUnitPriceSet.shopMoney.currencyCode}
      discount:   {path: discount.amount, minor: major, currency: discount.currencyCode}
      tax:        {path: tax.amount, minor: major, currency: tax.currencyCode}
      total:      {path: total.amount, minor: major, currency: total.currencyCode}
  discounts:                            # what they took off stands in the lines
    each: discounts
    match_by: [code]
    only: read
    fields: {code: code}
  taxes:
    each: taxLines
    match_by: [title, rate]
    only: read
    fields:
      title:  title
      rate:   {path: rate, as: decimal}
      amount: {path: priceSet.shopMoney.amount, minor: major, currency: priceSet.shopMoney.currencyCode}
  shipping:
    each: shippingLines
    identity: id
    match_by: [title]
    only: read
    fields:
      title:  title
      amount: {path: discountedPriceSet.shopMoney.amount, minor: major, currency: discountedPriceSet.shopMoney.currencyCode}
  ship_to:
    each: shippingAddress
    match_by: [line1, postal_code]
    only: read
    fits: first
    fields:
      name:         name
      line1:        address1
      line2:        address2
      city:         city
      region:       provinceCode
      postal_code:  zip
      country_code: {path: countryCodeV2, as: country}
refs:
  customer: {path: customer.id, stream: customers}          # a guest has none; the e-mail says who it may be
  location: {path: retailLocation.id, stream: locations}
parts:
  transactions:
    each: transactions
    stream: transactions
    entity: payment
    identity: id
    created_at: createdAt
    fields:
      state:
        path: outcome                   # kind and status
        values_read:
          SALE_SUCCESS: paid
          CAPTURE_SUCCESS: paid
          AUTHORIZATION_SUCCESS: authorized
          EMV_AUTHORIZATION_SUCCESS: authorized
          VOID_SUCCESS: voided
          SALE_PENDING: pending
          CAPTURE_PENDING: pending
          AUTHORIZATION_PENDING: pending
          SALE_AWAITING_RESPONSE: pending
          CAPTURE_AWAITING_RESPONSE: pending
          AUTHORIZATION_AWAITING_RESPONSE: pending
          SALE_FAILURE: failed
          CAPTURE_FAILURE: failed
          AUTHORIZATION_FAILURE: failed
          EMV_AUTHORIZATION_FAILURE: failed
          SALE_ERROR: failed
          CAPTURE_ERROR: failed
          AUTHORIZATION_ERROR: failed
        only: read
      method:    {path: gateway, only: read}
      amount:    {path: amountSet.shopMoney.amount, minor: major, currency: amountSet.shopMoney.currencyCode, only: read}
      paid_at:   {path: processedAt, as: instant, only: read}
      reference: {path: paymentId, only: read}
    refs:
      order: {path: order.id, stream: orders}
    ignored: [kind, status]             # see outcome
  refunds:
    each: refunds
    stream: refunds
    entity: refund
    identity: id
    changed_at: updatedAt
    created_at: createdAt
    fields:
      state:       {path: status, values_read: {SUCCESS: done, PENDING: pending, FAILURE: failed}, only: read}
      amount:
        path: totalRefundedSet.shopMoney.amount
        minor: major
        currency: totalRefundedSet.shopMoney.currencyCode
        required: true
        clear: refuse
      note:        note
      refunded_at: {path: processedAt, as: instant, clear: refuse}
      pieces:
        each: refundLineItems
        identity: id
        match_by: [sku]
        fields:
          line:      {path: lineItem.id, only: read}
          sku:       lineItem.sku
          quantity:  {path: quantity, as: count}
          amount:    {path: subtotalSet.shopMoney.amount, minor: major, currency: subtotalSet.shopMoney.currencyCode, only: read}
          restocked: {path: restocked, as: flag, only: read, why: the hub brings stock as figures}
    refs:
      order:    {path: order.id, stream: orders}
      location: {path: location.id, stream: locations}
    ignored: [refundLineItems.location]
  fulfillments:
    each: fulfillments
    stream: fulfillments
    entity: fulfilment
    identity: id
    changed_at: updatedAt
    created_at: createdAt
    fields:
      kind:
        path: displayStatus
        values_read:
          READY_FOR_PICKUP: pickup
          PICKED_UP: pickup
          FULFILLED: ship
          MARKED_AS_FULFILLED: ship
          CONFIRMED: ship
          SUBMITTED: ship
          LABEL_PRINTED: ship
          LABEL_PURCHASED: ship
          CARRIER_PICKED_UP: ship
          IN_TRANSIT: ship
          OUT_FOR_DELIVERY: ship
          ATTEMPTED_DELIVERY: ship
          DELAYED: ship
          DELIVERED: ship
          NOT_DELIVERED: ship
        absent: [CANCELED, CANCELLED, FAILURE, ERROR, LABEL_VOIDED, SUCCESS]    # that says nothing of how it goes
        only: read
      state:
        path: displayStatus
        values_read:
          SUBMITTED: in_progress
          CONFIRMED: in_progress
          LABEL_PURCHASED: in_progress
          LABEL_PRINTED: in_progress
          LABEL_VOIDED: in_progress
          READY_FOR_PICKUP: ready
          SUCCESS: shipped
          FULFILLED: shipped
          MARKED_AS_FULFILLED: shipped
          CARRIER_PICKED_UP: shipped
          IN_TRANSIT: shipped
          OUT_FOR_DELIVERY: shipped
          ATTEMPTED_DELIVERY: shipped
          DELAYED: shipped
          DELIVERED: delivered
          PICKED_UP: picked_up
          NOT_DELIVERED: failed
          FAILURE: failed
          ERROR: failed
          CANCELED: cancelled
          CANCELLED: cancelled
        only: read
      tracking_number:  {path: "trackingInfo[0].number", only: read}
      tracking_company: {path: "trackingInfo[0].company", only: read}
      tracking_url:     {path: "trackingInfo[0].url", only: read}
      fulfilled_at:     {path: createdAt, as: instant, only: read}
      pieces:
        each: fulfillmentLineItems
        identity: id
        match_by: [line, sku]
        only: read
        fields:
          line:     lineItem.id
          sku:      lineItem.sku
          quantity: {path: quantity, as: count}
    refs:
      order:    {path: order.id, stream: orders}
      location: {path: location.id, stream: locations}
    ignored: [name, status, "trackingInfo.*"]
  returns:
    each: returns
    stream: returns
    entity: return
    identity: id
    created_at: createdAt
    fields:
      number:       {path: name, only: read}
      state:        {path: status, values_read: {REQUESTED: requested, OPEN: open, CLOSED: closed, DECLINED: declined, CANCELED: cancelled}, only: read}
      reason:       {path: "returnLineItems[0].returnReasonDefinition.handle", only: read}
      requested_at: {path: createdAt, as: instant, only: read}
      pieces:
        each: returnLineItems
        identity: id
        match_by: [line, sku]
        only: read
        fields:
          line:     lineItem.id
          sku:      lineItem.sku
          quantity: {path: quantity, as: count}
    refs:
      order: {path: order.id, stream: orders}
    ignored: [returnLineItems.returnReasonNote, returnLineItems.returnReasonDefinition]
ignored: [closed, taxLines.*]
');
INSERT INTO "flag" VALUES('mapping/shop/transactions','6199d88c7599225a0737');
INSERT INTO "flag" VALUES('mapping-text/6199d88c7599225a0737','# Left is our field, right is Shopify''s. Orders live in the shop: what it says of them is true. Amounts are those before returns.
mapping: 1
connector: shopify
stream: orders
entity: order
identity: id
changed_at: updatedAt                   # whole seconds; everything that hangs on an order moves it
created_at: createdAt
empty: [null, ""]
fields:
  number:        {path: name, only: read}
  channel:       {path: sourceName, only: read}
  state:         {path: status, values_read: {OPEN: open, CLOSED: completed, CANCELLED: cancelled}, only: read}
  payment_state:
    path: displayFinancialStatus
    values_read:
      PENDING: unpaid
      EXPIRED: unpaid                   # what was authorized was never taken
      AUTHORIZED: authorized
      PARTIALLY_PAID: partially_paid
      PAID: paid
      PARTIALLY_REFUNDED: partially_refunded
      REFUNDED: refunded
      VOIDED: voided
    only: read
  fulfilment_state:
    path: displayFulfillmentStatus
    values_read:
      UNFULFILLED: unfulfilled
      OPEN: unfulfilled
      SCHEDULED: unfulfilled
      ON_HOLD: unfulfilled
      PENDING_FULFILLMENT: unfulfilled
      REQUEST_DECLINED: unfulfilled
      IN_PROGRESS: unfulfilled
      RESTOCKED: unfulfilled
      PARTIALLY_FULFILLED: partially_fulfilled
      FULFILLED: fulfilled
    only: read
  placed_at:      {path: processedAt, as: instant, only: read}
  cancelled_at:   {path: cancelledAt, as: instant, only: read}
  cancel_reason:  {path: cancelReason, only: read}
  email:          {path: email, as: email, only: read}
  phone:          {path: phone, as: phone, only: read}
  tax_included:   {path: taxesIncluded, as: flag, only: read}
  subtotal:       {path: subtotalPriceSet.shopMoney.amount, minor: major, currency: subtotalPriceSet.shopMoney.currencyCode, only: read}
  discount_total: {path: totalDiscountsSet.shopMoney.amount, minor: major, currency: totalDiscountsSet.shopMoney.currencyCode, only: read}
  shipping_total: {path: shippingTotal.amount, minor: major, currency: shippingTotal.currencyCode, only: read}
  tax_total:      {path: totalTaxSet.shopMoney.amount, minor: major, currency: totalTaxSet.shopMoney.currencyCode, only: read}
  total:          {path: totalPriceSet.shopMoney.amount, minor: major, currency: totalPriceSet.shopMoney.currencyCode, only: read}
  paid_total:     {path: totalReceivedSet.shopMoney.amount, minor: major, currency: totalReceivedSet.shopMoney.currencyCode, only: read}
  refunded_total: {path: totalRefundedSet.shopMoney.amount, minor: major, currency: totalRefundedSet.shopMoney.currencyCode, only: read}
  note:           {path: note, only: read}
  tags:           {set: tags, only: read}
  lines:
    each: lineItems
    identity: id
    match_by: [sku, title]
    only: read
    fields:
      sku:        sku
      title:      name
      variant:    variant.id
      quantity:   {path: quantity, as: count}
      unit_price: {path: originalUnitPriceSet.shopMoney.amount, minor: major, currency: originalUnitPriceSet.shopMoney.currencyCode}
      discount:   {path: discount.amount, minor: major, currency: discount.currencyCode}
      tax:        {path: tax.amount, minor: major, currency: tax.currencyCode}
      total:      {path: total.amount, minor: major, currency: total.currencyCode}
  discounts:                            # what they took off stands in the lines
    each: discounts
    match_by: [code]
    only: read
    fields: {code: code}
  taxes:
    each: taxLines
    match_by: [title, rate]
    only: read
    fields:
      title:  title
      rate:   {path: rate, as: decimal}
      amount: {path: priceSet.shopMoney.amount, minor: major, currency: priceSet.shopMoney.currencyCode}
  shipping:
    each: shippingLines
    identity: id
    match_by: [title]
    only: read
    fields:
      title:  title
      amount: {path: discountedPriceSet.shopMoney.amount, minor: major, currency: discountedPriceSet.shopMoney.currencyCode}
  ship_to:
    each: shippingAddress
    match_by: [line1, postal_code]
    only: read
    fits: first
    fields:
      name:         name
      line1:        address1
      line2:        address2
      city:         city
      region:       provinceCode
      postal_code:  zip
      country_code: {path: countryCodeV2, as: country}
refs:
  customer: {path: customer.id, stream: customers}          # a guest has none; the e-mail says who it may be
  location: {path: retailLocation.id, stream: locations}
parts:
  transactions:
    each: transactions
    stream: transactions
    entity: payment
    identity: id
    created_at: createdAt
    fields:
      state:
        path: outcome                   # kind and status
        values_read:
          SALE_SUCCESS: paid
          CAPTURE_SUCCESS: paid
          AUTHORIZATION_SUCCESS: authorized
          EMV_AUTHORIZATION_SUCCESS: authorized
          VOID_SUCCESS: voided
          SALE_PENDING: pending
          CAPTURE_PENDING: pending
          AUTHORIZATION_PENDING: pending
          SALE_AWAITING_RESPONSE: pending
          CAPTURE_AWAITING_RESPONSE: pending
          AUTHORIZATION_AWAITING_RESPONSE: pending
          SALE_FAILURE: failed
          CAPTURE_FAILURE: failed
          AUTHORIZATION_FAILURE: failed
          EMV_AUTHORIZATION_FAILURE: failed
          SALE_ERROR: failed
          CAPTURE_ERROR: failed
          AUTHORIZATION_ERROR: failed
        only: read
      method:    {path: gateway, only: read}
      amount:    {path: amountSet.shopMoney.amount, minor: major, currency: amountSet.shopMoney.currencyCode, only: read}
      paid_at:   {path: processedAt, as: instant, only: read}
      reference: {path: paymentId, only: read}
    refs:
      order: {path: order.id, stream: orders}
    ignored: [kind, status]             # see outcome
  refunds:
    each: refunds
    stream: refunds
    entity: refund
    identity: id
    changed_at: updatedAt
    created_at: createdAt
    fields:
      state:       {path: status, values_read: {SUCCESS: done, PENDING: pending, FAILURE: failed}, only: read}
      amount:
        path: totalRefundedSet.shopMoney.amount
        minor: major
        currency: totalRefundedSet.shopMoney.currencyCode
        required: true
        clear: refuse
      note:        note
      refunded_at: {path: processedAt, as: instant, clear: refuse}
      pieces:
        each: refundLineItems
        identity: id
        match_by: [sku]
        fields:
          line:      {path: lineItem.id, only: read}
          sku:       lineItem.sku
          quantity:  {path: quantity, as: count}
          amount:    {path: subtotalSet.shopMoney.amount, minor: major, currency: subtotalSet.shopMoney.currencyCode, only: read}
          restocked: {path: restocked, as: flag, only: read, why: the hub brings stock as figures}
    refs:
      order:    {path: order.id, stream: orders}
      location: {path: location.id, stream: locations}
    ignored: [refundLineItems.location]
  fulfillments:
    each: fulfillments
    stream: fulfillments
    entity: fulfilment
    identity: id
    changed_at: updatedAt
    created_at: createdAt
    fields:
      kind:
        path: displayStatus
        values_read:
          READY_FOR_PICKUP: pickup
          PICKED_UP: pickup
          FULFILLED: ship
          MARKED_AS_FULFILLED: ship
          CONFIRMED: ship
          SUBMITTED: ship
          LABEL_PRINTED: ship
          LABEL_PURCHASED: ship
          CARRIER_PICKED_UP: ship
          IN_TRANSIT: ship
          OUT_FOR_DELIVERY: ship
          ATTEMPTED_DELIVERY: ship
          DELAYED: ship
          DELIVERED: ship
          NOT_DELIVERED: ship
        absent: [CANCELED, CANCELLED, FAILURE, ERROR, LABEL_VOIDED, SUCCESS]    # that says nothing of how it goes
        only: read
      state:
        path: displayStatus
        values_read:
          SUBMITTED: in_progress
          CONFIRMED: in_progress
          LABEL_PURCHASED: in_progress
          LABEL_PRINTED: in_progress
          LABEL_VOIDED: in_progress
          READY_FOR_PICKUP: ready
          SUCCESS: shipped
          FULFILLED: shipped
          MARKED_AS_FULFILLED: shipped
          CARRIER_PICKED_UP: shipped
          IN_TRANSIT: shipped
          OUT_FOR_DELIVERY: shipped
          ATTEMPTED_DELIVERY: shipped
          DELAYED: shipped
          DELIVERED: delivered
          PICKED_UP: picked_up
          NOT_DELIVERED: failed
          FAILURE: failed
          ERROR: failed
          CANCELED: cancelled
          CANCELLED: cancelled
        only: read
      tracking_number:  {path: "trackingInfo[0].number", only: read}
      tracking_company: {path: "trackingInfo[0].company", only: read}
      tracking_url:     {path: "trackingInfo[0].url", only: read}
      fulfilled_at:     {path: createdAt, as: instant, only: read}
      pieces:
        each: fulfillmentLineItems
        identity: id
        match_by: [line, sku]
        only: read
        fields:
          line:     lineItem.id
          sku:      lineItem.sku
          quantity: {path: quantity, as: count}
    refs:
      order:    {path: order.id, stream: orders}
      location: {path: location.id, stream: locations}
    ignored: [name, status, "trackingInfo.*"]
  returns:
    each: returns
    stream: returns
    entity: return
    identity: id
    created_at: createdAt
    fields:
      number:       {path: name, only: read}
      state:        {path: status, values_read: {REQUESTED: requested, OPEN: open, CLOSED: closed, DECLINED: declined, CANCELED: cancelled}, only: read}
      reason:       {path: "returnLineItems[0].returnReasonDefinition.handle", only: read}
      requested_at: {path: createdAt, as: instant, only: read}
      pieces:
        each: returnLineItems
        identity: id
        match_by: [line, sku]
        only: read
        fields:
          line:     lineItem.id
          sku:      lineItem.sku
          quantity: {path: quantity, as: count}
    refs:
      order: {path: order.id, stream: orders}
    ignored: [returnLineItems.returnReasonNote, returnLineItems.returnReasonDefinition]
ignored: [closed, taxLines.*]
');
INSERT INTO "flag" VALUES('mapping/shop/variants','350274da754a84429c2d');
INSERT INTO "flag" VALUES('mapping-text/350274da754a84429c2d','# Left is our field, right is Shopify''s. A line works both ways unless it says `only:`.
mapping: 1
connector: shopify
stream: products
entity: product
identity: id
changed_at: updatedAt                   # also moved by its variants and by their stock
created_at: createdAt
empty: [null, ""]
fields:
  title:       {path: title, max_length: 255, clear: refuse}
  description: {path: descriptionHtml, clear: "", lossy: true, why: Shopify tidies the HTML}
  handle:      {path: handle, only: read, why: it is the address of the product''s page}
  brand:       {path: vendor, clear: ""}
  category:    {path: productType, clear: ""}
  status:
    path: status
    values: {active: ACTIVE, draft: DRAFT, archived: ARCHIVED}
    values_read: {UNLISTED: active}     # on sale for whoever knows the address
    clear: refuse
  tags:        {set: tags}
parts:
  variants:
    each: variants
    stream: variants
    entity: variant
    identity: id
    changed_at: updatedAt
    created_at: createdAt
    empty: [null, ""]
    fields:
      title:            {path: title, only: read, why: made of the options}
      sku:              sku
      barcode:          barcode
      price:            {path: price, as: money, minor: major, currency: connection, clear: refuse}
      compare_at_price: {path: compareAtPrice, as: money, minor: major, currency: connection}
      tracked:          {path: inventoryItem.tracked, as: flag, clear: refuse}
    refs:
      product: {path: product.id, stream: products}
    ignored: [position, inventoryItem.id]
');
INSERT INTO "flag" VALUES('mapping/till/customers','a0cf7c8e3110a94a8369');
INSERT INTO "flag" VALUES('mapping-text/a0cf7c8e3110a94a8369','# Left is our field, right is Square''s. A line works both ways unless it says `only:`.
mapping: 1
connector: square
stream: customers
entity: customer
identity: id
version: version                      # counts from 0, by one
changed_at: updated_at
created_at: created_at
empty: [null, "", missing]            # Square leaves out what has no value
# No contact_points: a customer profile has exactly one e-mail address and one phone; its address carries neither.
fields:
  given_name:  {path: given_name, max_length: 300}
  family_name: {path: family_name, max_length: 300}
  company:     {path: company_name, max_length: 500}
  email:       {path: email_address, as: email}
  phone:       {path: phone_number, as: phone}
  birth_date:  {path: birthday, as: date, why: a birthday without a year (0000-09-21) is no date and stays in Square}
  note:        note
  # Or, in its place, what the customer bought in all channels, where nobody has written a note:
  # summary.context: {path: note, yields: true}
  consent.email_marketing:
    path: preferences.email_unsubscribed
    values: {withdrawn: true}
    absent: [false]                   # not unsubscribed is no consent
    only: read
    why: Square does not let an app opt customers in or out
  addresses:
    each: address
    fits: first
    match_by: [line1, postal_code, country_code]
    fields:
      line1:        address_line_1
      line2:        address_line_2
      city:         locality
      region:       administrative_district_level_1
      postal_code:  postal_code
      country_code: {path: country, as: country}
ignored:
  - reference_id                      # holds our own id
  - nickname
  - tax_ids
  - creation_source
  - group_ids
  - segment_ids
  - address.address_line_3
  - address.sublocality
  - address.sublocality_2
  - address.sublocality_3
  - address.administrative_district_level_2
  - address.administrative_district_level_3
  - address.first_name                # Square drops names of a customer''s address
  - address.last_name
');
INSERT INTO "flag" VALUES('mapping/till/fulfillments','a4e8e45b7d6f31004626');
INSERT INTO "flag" VALUES('mapping-text/a4e8e45b7d6f31004626','# Sales at the till and through Square. They live in Square: what it says of them is true. Left is our field, right is Square''s.
# What only takes goods back is in returns.yaml; what was paid and paid back in payments.yaml and refunds.yaml.
mapping: 1
connector: square
stream: orders
entity: order
identity: id
changed_at: updated_at                  # `version` is missing in orders that were taken at a till
created_at: created_at
empty: [null, "", missing]              # Square leaves out what has no value
fields:
  number:           {path: id, only: read, why: "Square gives orders no other; refunds.yaml and returns.yaml find a sale by it"}
  channel:          {path: source.name, only: read}
  state:            {path: state, values: {draft: DRAFT, open: OPEN, completed: COMPLETED, cancelled: CANCELED}, only: read}
  payment_state:    {path: payment_state, only: read}       # worked out of what is still due
  fulfilment_state: {path: fulfilment_state, only: read}    # worked out of the fulfilments, where there are any
  placed_at:        {path: created_at, as: instant, only: read}   # offline: when it was taken, not when it arrived
  cancelled_at:     {path: canceled_at, as: instant, only: read}
  email:            {path: recipient.email_address, as: email, only: read}
  phone:            {path: recipient.phone_number, as: phone, only: read}
  tax_included:     {path: tax_included, as: flag, only: read, why: "a line''s total holds its tax, whatever kind of tax it is"}
  discount_total:   {path: total_discount_money.amount, minor: iso, currency: total_discount_money.currency, only: read}
  shipping_total:   {path: total_service_charge_money.amount, minor: iso, currency: total_service_charge_money.currency, only: read}
  tax_total:        {path: total_tax_money.amount, minor: iso, currency: total_tax_money.currency, only: read}
  tip_total:        {path: total_tip_money.amount, minor: iso, currency: total_tip_money.currency, only: read}   # part of the total
  total:            {path: total_money.amount, minor: iso, currency: total_money.currency, only: read}
  lines:
    each: line_items
    identity: uid
    match_by: [title]                   # lines carry no SKU; `variant` says what was sold
    only: read
    fields:
      title:      name
      variant:    catalog_object_id
      quantity:   {path: quantity, as: count}               # what is sold by weight (1.25) is reported and left out
      unit_price: {path: base_price_money.amount, minor: iso, currency: base_price_money.currency}
      discount:   {path: total_discount_money.amount, minor: iso, currency: total_discount_money.currency}
      tax:        {path: total_tax_money.amount, minor: iso, currency: total_tax_money.currency}
      total:      {path: total_money.amount, minor: iso, currency: total_money.currency}
  discounts:
    each: discounts
    identity: uid
    match_by: [title]
    only: read
    fields:
      title:  name
      amount: {path: applied_money.amount, minor: iso, currency: applied_money.currency}
  taxes:
    each: taxes
    identity: uid
    match_by: [title, rate]
    only: read
    fields:
      title:  name
      rate:   {path: rate, as: decimal}                     # a share; Square writes percent
      amount: {path: applied_money.amount, minor: iso, currency: applied_money.currency}
  shipping:                             # Square charges shipping as a service charge, among others
    each: service_charges
    identity: uid
    match_by: [title]
    only: read
    fields:
      title:  name
      amount: {path: total_money.amount, minor: iso, currency: total_money.currency}
  ship_to:
    each: ship_to
    fits: first
    match_by: [line1, postal_code]
    only: read
    fields:
      name:         name
      line1:        address_line_1
      line2:        address_line_2
      city:         locality
      region:       administrative_district_level_1
      postal_code:  postal_code
      country_code: {path: country, as: country}
refs:
  customer: {path: customer_id, stream: customers}          # of the order, else of its payment
  location: {path: location_id, stream: locations}
parts:
  fulfillments:
    each: fulfillments
    stream: fulfillments
    entity: fulfilment
    identity: {paths: [order_id, uid], join: ":"}
    changed_at: updated_at              # of its order
    fields:
      kind:             {path: type, values: {pickup: PICKUP, ship: SHIPMENT}, values_read: {DELIVERY: ship}, only: read}
      state:
        path: stage                     # its state; COMPLETED says how
        values: {pending: PROPOSED, in_progress: RESERVED, ready: PREPARED, shipped: SHIPPED, delivered: DELIVERED, picked_up: PICKED_UP, failed: FAILED, cancelled: CANCELED}
        only: read
      tracking_number:  {path: details.tracking_number, only: read}
      tracking_company: {path: details.carrier, only: read}
      tracking_url:     {path: details.tracking_url, only: read}
      fulfilled_at:     {path: fulfilled_at, as: instant, only: read}
      pieces:                           # none: all lines of the order
        each: entries
        identity: uid
        match_by: [line]
        only: read
        fields:
          line:     line_item_uid
          quantity: {path: quantity, as: count}
    refs:
      order:    {path: order_id, stream: orders}
      location: {path: location_id, stream: locations}
    ignored:
      - state                           # see stage
      - line_item_application
      - metadata.*
      - details.*
      - pickup_details.*
      - shipment_details.*
      - delivery_details.*
      - entries.metadata
ignored:
  - version
  - reference_id
  - closed_at
  - ticket_name
  - source.*
  - metadata.*
  - pricing_options.*
  - rewards.*
  - tenders.*                           # the payments, see payments.yaml
  - refunds.*                           # see refunds.yaml
  - returns.*                           # see returns.yaml
  - return_amounts.*
  - net_amounts.*
  - net_amount_due_money.*
  - rounding_adjustment.*
  - recipient.*
  - ship_to.*
  - line_items.quantity_unit
  - line_items.note
  - line_items.catalog_version
  - line_items.variation_name
  - line_items.item_type
  - line_items.metadata
  - line_items.modifiers
  - line_items.applied_taxes
  - line_items.applied_discounts
  - line_items.applied_service_charges
  - line_items.variation_total_price_money
  - line_items.gross_sales_money
  - line_items.pricing_blocklists
  - line_items.total_service_charge_money
  - discounts.*
  - taxes.*
  - service_charges.*
');
INSERT INTO "flag" VALUES('mapping/till/inventory','bda17ee55f9f75882745');
INSERT INTO "flag" VALUES('mapping-text/bda17ee55f9f75882745','# Counts of what is in stock. The hub sends changes, not this document.
mapping: 1
connector: square
stream: inventory
entity: inventory_level
identity: {paths: [catalog_object_id, location_id], join: ":"}
changed_at: calculated_at
only_when: {state: IN_STOCK}
empty: [null, "", missing]
fields:
  on_hand: {path: quantity, as: count}
refs:
  variant:  {path: catalog_object_id, stream: variants}
  location: {path: location_id, stream: locations}
ignored: [catalog_object_type, is_estimated]
');
INSERT INTO "flag" VALUES('mapping/till/locations','66b12c7ebb8b31e395a0');
INSERT INTO "flag" VALUES('mapping-text/66b12c7ebb8b31e395a0','# Stores and warehouses as Square knows them. Read only: they are set up in Square''s dashboard.
mapping: 1
connector: square
stream: locations
entity: location
identity: id
created_at: created_at
empty: [null, "", missing]
fields:
  name:         {path: name, only: read}
  active:       {path: status, values: {true: ACTIVE, false: INACTIVE}, only: read}
  line1:        {path: address.address_line_1, only: read}
  city:         {path: address.locality, only: read}
  postal_code:  {path: address.postal_code, only: read}
  country_code: {path: country, as: country, only: read}
  phone:        {path: phone_number, as: phone, only: read}
ignored:
  - address.address_line_2
  - address.address_line_3
  - address.sublocality
  - address.sublocality_2
  - address.sublocality_3
  - address.administrative_district_level_1
  - address.administrative_district_level_2
  - address.administrative_district_level_3
  - address.country
  - address.first_name
  - address.last_name
  - timezone
  - capabilities
  - merchant_id
  - language_code
  - currency
  - business_name
  - type
  - website_url
  - business_hours.*
  - business_email
  - description
  - twitter_username
  - instagram_username
  - facebook_url
  - coordinates.*
  - logo_url
  - pos_background_url
  - mcc
  - full_format_logo_url
  - tax_ids.*
');
INSERT INTO "flag" VALUES('mapping/till/orders','24e1061f173dfb771825');
INSERT INTO "flag" VALUES('mapping-text/24e1061f173dfb771825','# Sales at the till and through Square. They live in Square: what it says of them is true. Left is our field, right is Square''s.
# What only takes goods back is in returns.yaml; what was paid and paid back in payments.yaml and refunds.yaml.
mapping: 1
connector: square
stream: orders
entity: order
identity: id
changed_at: updated_at                  # `version` is missing in orders that were taken at a till
created_at: created_at
empty: [null, "", missing]              # Square leaves out what has no value
fields:
  number:           {path: id, only: read, why: "Square gives orders no other; refunds.yaml and returns.yaml find a sale by it"}
  channel:          {path: source.name, only: read}
  state:            {path: state, values: {draft: DRAFT, open: OPEN, completed: COMPLETED, cancelled: CANCELED}, only: read}
  payment_state:    {path: payment_state, only: read}       # worked out of what is still due
  fulfilment_state: {path: fulfilment_state, only: read}    # worked out of the fulfilments, where there are any
  placed_at:        {path: created_at, as: instant, only: read}   # offline: when it was taken, not when it arrived
  cancelled_at:     {path: canceled_at, as: instant, only: read}
  email:            {path: recipient.email_address, as: email, only: read}
  phone:            {path: recipient.phone_number, as: phone, only: read}
  tax_included:     {path: tax_included, as: flag, only: read, why: "a line''s total holds its tax, whatever kind of tax it is"}
  discount_total:   {path: total_discount_money.amount, minor: iso, currency: total_discount_money.currency, only: read}
  shipping_total:   {path: total_service_charge_money.amount, minor: iso, currency: total_service_charge_money.currency, only: read}
  tax_total:        {path: total_tax_money.amount, minor: iso, currency: total_tax_money.currency, only: read}
  tip_total:        {path: total_tip_money.amount, minor: iso, currency: total_tip_money.currency, only: read}   # part of the total
  total:            {path: total_money.amount, minor: iso, currency: total_money.currency, only: read}
  lines:
    each: line_items
    identity: uid
    match_by: [title]                   # lines carry no SKU; `variant` says what was sold
    only: read
    fields:
      title:      name
      variant:    catalog_object_id
      quantity:   {path: quantity, as: count}               # what is sold by weight (1.25) is reported and left out
      unit_price: {path: base_price_money.amount, minor: iso, currency: base_price_money.currency}
      discount:   {path: total_discount_money.amount, minor: iso, currency: total_discount_money.currency}
      tax:        {path: total_tax_money.amount, minor: iso, currency: total_tax_money.currency}
      total:      {path: total_money.amount, minor: iso, currency: total_money.currency}
  discounts:
    each: discounts
    identity: uid
    match_by: [title]
    only: read
    fields:
      title:  name
      amount: {path: applied_money.amount, minor: iso, currency: applied_money.currency}
  taxes:
    each: taxes
    identity: uid
    match_by: [title, rate]
    only: read
    fields:
      title:  name
      rate:   {path: rate, as: decimal}                     # a share; Square writes percent
      amount: {path: applied_money.amount, minor: iso, currency: applied_money.currency}
  shipping:                             # Square charges shipping as a service charge, among others
    each: service_charges
    identity: uid
    match_by: [title]
    only: read
    fields:
      title:  name
      amount: {path: total_money.amount, minor: iso, currency: total_money.currency}
  ship_to:
    each: ship_to
    fits: first
    match_by: [line1, postal_code]
    only: read
    fields:
      name:         name
      line1:        address_line_1
      line2:        address_line_2
      city:         locality
      region:       administrative_district_level_1
      postal_code:  postal_code
      country_code: {path: country, as: country}
refs:
  customer: {path: customer_id, stream: customers}          # of the order, else of its payment
  location: {path: location_id, stream: locations}
parts:
  fulfillments:
    each: fulfillments
    stream: fulfillments
    entity: fulfilment
    identity: {paths: [order_id, uid], join: ":"}
    changed_at: updated_at              # of its order
    fields:
      kind:             {path: type, values: {pickup: PICKUP, ship: SHIPMENT}, values_read: {DELIVERY: ship}, only: read}
      state:
        path: stage                     # its state; COMPLETED says how
        values: {pending: PROPOSED, in_progress: RESERVED, ready: PREPARED, shipped: SHIPPED, delivered: DELIVERED, picked_up: PICKED_UP, failed: FAILED, cancelled: CANCELED}
        only: read
      tracking_number:  {path: details.tracking_number, only: read}
      tracking_company: {path: details.carrier, only: read}
      tracking_url:     {path: details.tracking_url, only: read}
      fulfilled_at:     {path: fulfilled_at, as: instant, only: read}
      pieces:                           # none: all lines of the order
        each: entries
        identity: uid
        match_by: [line]
        only: read
        fields:
          line:     line_item_uid
          quantity: {path: quantity, as: count}
    refs:
      order:    {path: order_id, stream: orders}
      location: {path: location_id, stream: locations}
    ignored:
      - state                           # see stage
      - line_item_application
      - metadata.*
      - details.*
      - pickup_details.*
      - shipment_details.*
      - delivery_details.*
      - entries.metadata
ignored:
  - version
  - reference_id
  - closed_at
  - ticket_name
  - source.*
  - metadata.*
  - pricing_options.*
  - rewards.*
  - tenders.*                           # the payments, see payments.yaml
  - refunds.*                           # see refunds.yaml
  - returns.*                           # see returns.yaml
  - return_amounts.*
  - net_amounts.*
  - net_amount_due_money.*
  - rounding_adjustment.*
  - recipient.*
  - ship_to.*
  - line_items.quantity_unit
  - line_items.note
  - line_items.catalog_version
  - line_items.variation_name
  - line_items.item_type
  - line_items.metadata
  - line_items.modifiers
  - line_items.applied_taxes
  - line_items.applied_discounts
  - line_items.applied_service_charges
  - line_items.variation_total_price_money
  - line_items.gross_sales_money
  - line_items.pricing_blocklists
  - line_items.total_service_charge_money
  - discounts.*
  - taxes.*
  - service_charges.*
');
INSERT INTO "flag" VALUES('mapping/till/payments','9abc1826baf9890cb777');
INSERT INTO "flag" VALUES('mapping-text/9abc1826baf9890cb777','# What was paid, at the till or through Square.
mapping: 1
connector: square
stream: payments
entity: payment
identity: id
changed_at: updated_at
created_at: created_at
empty: [null, "", missing]
fields:
  state:
    path: status
    values: {pending: PENDING, authorized: APPROVED, paid: COMPLETED, voided: CANCELED, failed: FAILED}
    only: read
  method:    {path: source_type, only: read}                # CARD, CASH, WALLET, EXTERNAL, ...
  amount:    {path: amount_money.amount, minor: iso, currency: amount_money.currency, only: read}   # without the tip
  tip:       {path: tip_money.amount, minor: iso, currency: tip_money.currency, only: read}
  paid_at:   {path: created_at, as: instant, only: read}
  reference: {path: receipt_number, only: read}             # four characters, printed on the receipt
refs:
  order: {path: order_id, stream: orders}
ignored:
  - total_money.*
  - app_fee_money.*
  - approved_money.*
  - processing_fee.*
  - refunded_money.*
  - refund_ids
  - delay_duration
  - delay_action
  - delayed_until
  - card_details.*
  - cash_details.*
  - bank_account_details.*
  - external_details.*
  - wallet_details.*
  - buy_now_pay_later_details.*
  - square_account_details.*
  - location_id
  - reference_id
  - customer_id                         # see the order
  - employee_id
  - team_member_id
  - risk_evaluation.*
  - terminal_checkout_id
  - buyer_email_address
  - billing_address.*
  - shipping_address.*
  - note
  - statement_description_identifier
  - capabilities
  - receipt_url
  - device_details.*
  - application_details.*
  - is_offline_payment
  - offline_payment_details.*
  - version_token
');
INSERT INTO "flag" VALUES('mapping/till/products','eca223c4ac1a818d007b');
INSERT INTO "flag" VALUES('mapping-text/eca223c4ac1a818d007b','# Left is our field, right is Square''s. A line works both ways unless it says `only:`.
mapping: 1
connector: square
stream: products
entity: product
identity: id
version: version                      # milliseconds, growing
changed_at: updated_at
deleted: {path: is_deleted, equals: true}
empty: [null, "", missing]
fields:
  title:       {path: item_data.name, max_length: 512, clear: refuse}
  description: {path: item_data.description_html, lossy: true, why: Square drops HTML it does not know}
  status:      {path: item_data.is_archived, values: {active: false, archived: true}, values_write: {draft: true}}
parts:
  variants:
    each: item_data.variations
    stream: variants
    entity: variant
    identity: id
    version: version
    changed_at: updated_at
    deleted: {path: is_deleted, equals: true}
    empty: [null, "", missing]
    fields:
      title:   {path: item_variation_data.name, max_length: 255}
      sku:     item_variation_data.sku
      barcode: item_variation_data.upc
      price:   {path: item_variation_data.price_money.amount, as: money, minor: iso, currency: item_variation_data.price_money.currency}
      tracked: {path: item_variation_data.track_inventory, as: flag}
    refs:
      product: {path: item_variation_data.item_id, stream: products}
    ignored:
      - type
      - custom_attribute_values.*
      - catalog_v1_ids
      - present_at_all_locations
      - present_at_location_ids
      - absent_at_location_ids
      - item_variation_data.ordinal
      - item_variation_data.pricing_type          # follows the price
      - item_variation_data.price_description
      - item_variation_data.location_overrides
      - item_variation_data.inventory_alert_type
      - item_variation_data.inventory_alert_threshold
      - item_variation_data.user_data             # holds our own id
      - item_variation_data.service_duration
      - item_variation_data.available_for_booking
      - item_variation_data.item_option_values
      - item_variation_data.measurement_unit_id
      - item_variation_data.sellable
      - item_variation_data.stockable
      - item_variation_data.image_ids
      - item_variation_data.team_member_ids
      - item_variation_data.stockable_conversion.*
ignored:
  - type
  - custom_attribute_values.*
  - catalog_v1_ids
  - present_at_all_locations
  - present_at_location_ids
  - absent_at_location_ids
  - item_data.description             # the same without its HTML
  - item_data.description_plaintext
  - item_data.first_variation.*
  - item_data.abbreviation
  - item_data.label_color
  - item_data.is_taxable
  - item_data.visibility
  - item_data.category_id
  - item_data.categories
  - item_data.reporting_category.*
  - item_data.tax_ids
  - item_data.modifier_list_info
  - item_data.product_type
  - item_data.skip_modifier_screen
  - item_data.item_options
  - item_data.ecom_uri
  - item_data.ecom_image_uris
  - item_data.image_ids
  - item_data.sort_name
  - item_data.channels
  - item_data.ecom_seo_data.*
  - item_data.food_and_beverage_details.*
  - item_data.is_alcoholic
');
INSERT INTO "flag" VALUES('mapping/till/refunds','2bc662b2ad1dba5f34f1');
INSERT INTO "flag" VALUES('mapping-text/2bc662b2ad1dba5f34f1','# What was paid back, at the till or through Square.
mapping: 1
connector: square
stream: refunds
entity: refund
identity: id
changed_at: updated_at
created_at: created_at
empty: [null, "", missing]
fields:
  state:       {path: status, values: {pending: PENDING, done: COMPLETED, failed: FAILED}, values_read: {REJECTED: failed}, only: read}
  amount:      {path: amount_money.amount, minor: iso, currency: amount_money.currency, only: read}
  reason:      {path: reason, only: read}
  refunded_at: {path: created_at, as: instant, only: read}
  pieces:
    each: pieces
    identity: uid
    match_by: [line]
    only: read
    fields:
      line:     source_line_item_uid
      quantity: {path: quantity, as: count}
      amount:   {path: total_money.amount, minor: iso, currency: total_money.currency}
refs:
  # The sale: its id where Square links them, else the number that stands in the return''s reference or in the reason ("#1001"), for
  # money that goes back at a till for an order of the web shop.
  order:    {path: sold, by: number}
  location: {path: location_id, stream: locations}
ignored:
  - order_id                            # the return, see returns.yaml
  - payment_id
  - unlinked
  - destination_type
  - destination_details.*
  - app_fee_money.*
  - processing_fee.*
  - team_member_id
  - terminal_refund_id
  - pieces.*
');
INSERT INTO "flag" VALUES('mapping/till/returns','fe7f38957f25c9568371');
INSERT INTO "flag" VALUES('mapping-text/fe7f38957f25c9568371','# Goods that come back to a till: an order of its own in Square, which names the sale they come from.
mapping: 1
connector: square
stream: returns
entity: return
identity: id
changed_at: updated_at
created_at: created_at
empty: [null, "", missing]
fields:
  number:       {path: id, only: read}
  state:        {path: state, values: {requested: DRAFT, open: OPEN, closed: COMPLETED, cancelled: CANCELED}, only: read}
  requested_at: {path: created_at, as: instant, only: read}
  pieces:
    each: pieces
    identity: uid
    match_by: [line]
    only: read
    fields:
      line:     source_line_item_uid
      quantity: {path: quantity, as: count}
      amount:   {path: total_money.amount, minor: iso, currency: total_money.currency}
refs:
  # The sale: its id where Square links them, else the number that stands in the order''s reference (an order of any system).
  order: {path: sold, by: number}
ignored: ["*", pieces.*]                # the same order as in orders.yaml
');
INSERT INTO "flag" VALUES('mapping/till/variants','32a19f6e74df84f7862c');
INSERT INTO "flag" VALUES('mapping-text/32a19f6e74df84f7862c','# Left is our field, right is Square''s. A line works both ways unless it says `only:`.
mapping: 1
connector: square
stream: products
entity: product
identity: id
version: version                      # milliseconds, growing
changed_at: updated_at
deleted: {path: is_deleted, equals: true}
empty: [null, "", missing]
fields:
  title:       {path: item_data.name, max_length: 512, clear: refuse}
  description: {path: item_data.description_html, lossy: true, why: Square drops HTML it does not know}
  status:      {path: item_data.is_archived, values: {active: false, archived: true}, values_write: {draft: true}}
parts:
  variants:
    each: item_data.variations
    stream: variants
    entity: variant
    identity: id
    version: version
    changed_at: updated_at
    deleted: {path: is_deleted, equals: true}
    empty: [null, "", missing]
    fields:
      title:   {path: item_variation_data.name, max_length: 255}
      sku:     item_variation_data.sku
      barcode: item_variation_data.upc
      price:   {path: item_variation_data.price_money.amount, as: money, minor: iso, currency: item_variation_data.price_money.currency}
      tracked: {path: item_variation_data.track_inventory, as: flag}
    refs:
      product: {path: item_variation_data.item_id, stream: products}
    ignored:
      - type
      - custom_attribute_values.*
      - catalog_v1_ids
      - present_at_all_locations
      - present_at_location_ids
      - absent_at_location_ids
      - item_variation_data.ordinal
      - item_variation_data.pricing_type          # follows the price
      - item_variation_data.price_description
      - item_variation_data.location_overrides
      - item_variation_data.inventory_alert_type
      - item_variation_data.inventory_alert_threshold
      - item_variation_data.user_data             # holds our own id
      - item_variation_data.service_duration
      - item_variation_data.available_for_booking
      - item_variation_data.item_option_values
      - item_variation_data.measurement_unit_id
      - item_variation_data.sellable
      - item_variation_data.stockable
      - item_variation_data.image_ids
      - item_variation_data.team_member_ids
      - item_variation_data.stockable_conversion.*
ignored:
  - type
  - custom_attribute_values.*
  - catalog_v1_ids
  - present_at_all_locations
  - present_at_location_ids
  - absent_at_location_ids
  - item_data.description             # the same without its HTML
  - item_data.description_plaintext
  - item_data.first_variation.*
  - item_data.abbreviation
  - item_data.label_color
  - item_data.is_taxable
  - item_data.visibility
  - item_data.category_id
  - item_data.categories
  - item_data.reporting_category.*
  - item_data.tax_ids
  - item_data.modifier_list_info
  - item_data.product_type
  - item_data.skip_modifier_screen
  - item_data.item_options
  - item_data.ecom_uri
  - item_data.ecom_image_uris
  - item_data.image_ids
  - item_data.sort_name
  - item_data.channels
  - item_data.ecom_seo_data.*
  - item_data.food_and_beverage_details.*
  - item_data.is_alcoholic
');
CREATE TABLE hint (
	connection TEXT NOT NULL, 
	stream TEXT NOT NULL, 
	external_id TEXT NOT NULL, 
	first_at INTEGER NOT NULL, 
	not_before INTEGER NOT NULL, 
	tries INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	news INTEGER NOT NULL, 
	PRIMARY KEY (connection, stream, external_id)
);
CREATE TABLE journal (
	id INTEGER NOT NULL, 
	at INTEGER NOT NULL, 
	entity_id INTEGER NOT NULL, 
	link_id INTEGER, 
	kind TEXT NOT NULL, 
	field TEXT, 
	body BLOB NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "journal" VALUES(1,1782896400040000,1,1,'seed',NULL,X'7B226368616E676573223A5B5B22676976656E5F6E616D65222C6E756C6C2C22416461222C305D2C5B2266616D696C795F6E616D65222C6E756C6C2C2242657267222C305D2C5B22656D61696C222C6E756C6C2C22616461406578616D706C652E6F7267222C305D2C5B22656D61696C5F7665726966696564222C6E756C6C2C66616C73652C305D2C5B2270686F6E65222C6E756C6C2C222B3333313430303030303031222C305D2C5B226C6F63616C65222C6E756C6C2C22656E222C305D2C5B226E6F7465222C6E756C6C2C22746561222C305D2C5B226164647265737365732F31222C6E756C6C2C7B226C696E6531223A2252756520556E652031222C2263697479223A225061726973222C22706F7374616C5F636F6465223A223735303031227D2C305D5D7D');
INSERT INTO "journal" VALUES(2,1782896400040000,2,2,'seed',NULL,X'7B226368616E676573223A5B5B22676976656E5F6E616D65222C6E756C6C2C22426F222C305D2C5B2266616D696C795F6E616D65222C6E756C6C2C224C696E64222C305D2C5B22656D61696C222C6E756C6C2C22626F406578616D706C652E6F7267222C305D2C5B22656D61696C5F7665726966696564222C6E756C6C2C66616C73652C305D2C5B226C6F63616C65222C6E756C6C2C22656E222C305D5D7D');
INSERT INTO "journal" VALUES(3,1782896400140000,2,3,'seed',NULL,X'7B226368616E676573223A5B5B22676976656E5F6E616D65222C6E756C6C2C22426F222C305D2C5B2266616D696C795F6E616D65222C6E756C6C2C224C756E64222C305D2C5B22656D61696C222C6E756C6C2C22626F406578616D706C652E6F7267222C305D5D7D');
INSERT INTO "journal" VALUES(4,1782896400280000,1,4,'created by us',NULL,X'7B226368616E676573223A5B5D7D');
INSERT INTO "journal" VALUES(5,1782900031140000,3,5,'born',NULL,X'7B226368616E676573223A5B5B22676976656E5F6E616D65222C6E756C6C2C22416461222C313738323930303030303030303030305D2C5B2266616D696C795F6E616D65222C6E756C6C2C2242657267222C313738323930303030303030303030305D2C5B22656D61696C222C6E756C6C2C22776F726B406578616D706C652E6F7267222C313738323930303030303030303030305D2C5B2270686F6E65222C6E756C6C2C222B3333313430303030303031222C313738323930303030303030303030305D5D7D');
INSERT INTO "journal" VALUES(6,1782903722300000,1,1,'edit',NULL,X'7B226368616E676573223A5B5B226E6F7465222C22746561222C22636F66666565222C313738323930333639313030303030302C22776F6E222C226E6577657374222C312C66616C73655D5D7D');
CREATE TABLE lease (
	id INTEGER NOT NULL, 
	fencing INTEGER NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "lease" VALUES(1,1);
CREATE TABLE link (
	id INTEGER NOT NULL, 
	connection TEXT NOT NULL, 
	stream TEXT NOT NULL, 
	external_id TEXT NOT NULL, 
	entity_type TEXT NOT NULL, 
	entity_id INTEGER NOT NULL, 
	state TEXT NOT NULL, 
	birth TEXT, 
	by_hub BOOLEAN NOT NULL, 
	linked_at INTEGER NOT NULL, 
	ended_at INTEGER NOT NULL, 
	version INTEGER, 
	changed_at INTEGER, 
	digest BLOB NOT NULL, 
	mapping TEXT NOT NULL, 
	fence_seq INTEGER NOT NULL, 
	owed_read BOOLEAN NOT NULL, 
	attempt_id INTEGER, 
	epoch INTEGER NOT NULL, 
	claims BLOB NOT NULL, 
	more BLOB, 
	PRIMARY KEY (id), 
	UNIQUE (connection, stream, external_id)
);
INSERT INTO "link" VALUES(1,'shop','customers','gid://shopify/Customer/1000001','customer',1,'live','2026-07-01T09:00:00Z',0,1782896400040000,0,NULL,1782903691000000,X'311A1DC421B7D5C243F1C2DB5FB89491','a4b8359f231f38c0755a',0,0,NULL,0,X'5B5B382C363237342C302C302C302C315D2C7B22676976656E5F6E616D65223A22416461222C2266616D696C795F6E616D65223A2242657267222C22656D61696C223A22616461406578616D706C652E6F7267222C22656D61696C5F7665726966696564223A66616C73652C2270686F6E65223A222B3333313430303030303031222C226C6F63616C65223A22656E227D2C5B382C363237342C313738323930333639313030303030302C312C302C322C313738323930333639313030303030305D2C7B226E6F7465223A22636F66666565227D2C5B382C363237342C302C302C302C315D2C7B226164647265737365732F31223A7B226C696E6531223A2252756520556E652031222C2263697479223A225061726973222C22706F7374616C5F636F6465223A223735303031227D7D5D',X'7B2265223A7B22616464726573736573223A7B226769643A2F2F73686F706966792F4D61696C696E67416464726573732F313030303030323F6D6F64656C5F6E616D653D437573746F6D657241646472657373223A2231227D7D2C2271223A313738323930333732333330303030307D');
INSERT INTO "link" VALUES(2,'shop','customers','gid://shopify/Customer/1000003','customer',2,'live','2026-07-01T09:00:00Z',0,1782896400040000,0,NULL,1782896400000000,X'97DE7268565FA88FB043A8540655E1FE','a4b8359f231f38c0755a',0,0,NULL,0,X'5B5B382C342C302C302C302C315D2C7B22676976656E5F6E616D65223A22426F222C2266616D696C795F6E616D65223A224C696E64222C22656D61696C223A22626F406578616D706C652E6F7267222C22656D61696C5F7665726966696564223A66616C73657D2C5B392C345D2C7B2270686F6E65223A6E756C6C7D2C5B382C342C302C302C302C315D2C7B226C6F63616C65223A22656E227D2C5B392C345D2C7B226E6F7465223A6E756C6C7D5D',X'7B2265223A7B22616464726573736573223A7B7D7D2C2271223A313738323839363430313034303030307D');
INSERT INTO "link" VALUES(3,'till','customers','HIHY4IM3Q5MBBRRP5DPAOX5HS5','customer',2,'live','2026-07-01T09:00:00.000Z',0,1782896400140000,0,0,1782896400000000,X'34B2C68ED81B246D372963B42D15A44C','a0cf7c8e3110a94a8369',0,0,NULL,0,X'5B5B382C31342C302C302C302C315D2C7B22676976656E5F6E616D65223A22426F227D2C5B382C31345D2C7B2266616D696C795F6E616D65223A224C756E64227D2C5B392C31345D2C7B22636F6D70616E79223A6E756C6C7D2C5B382C31342C302C302C302C315D2C7B22656D61696C223A22626F406578616D706C652E6F7267227D2C5B392C31345D2C7B2270686F6E65223A6E756C6C2C2262697274685F64617465223A6E756C6C2C226E6F7465223A6E756C6C7D5D',X'7B2265223A7B22616464726573736573223A7B7D7D2C2271223A313738323839363433303134303030307D');
INSERT INTO "link" VALUES(4,'till','customers','STR3W5K4LC2WJUXSEQJJKUIPT7','customer',1,'live','2026-07-01T09:00:00.270Z',1,1782896400280000,0,0,1782896400270000,X'F36C7C047C5FB1DE474D6E9915617772','a0cf7c8e3110a94a8369',30,0,NULL,0,X'5B5B392C34342C302C302C302C312C302C6E756C6C2C302C302C302C313738323839363430303238303030305D2C7B22676976656E5F6E616D65223A22416461222C2266616D696C795F6E616D65223A2242657267222C22656D61696C223A22616461406578616D706C652E6F7267222C2270686F6E65223A222B3333313430303030303031222C226E6F7465223A22746561222C226164647265737365732F31223A7B226C696E6531223A2252756520556E652031222C2263697479223A225061726973222C22706F7374616C5F636F6465223A223735303031227D7D2C5B392C34345D2C7B22636F6D70616E79223A6E756C6C2C2262697274685F64617465223A6E756C6C7D5D',X'7B2265223A7B22616464726573736573223A7B2230223A2231227D7D2C2271223A313738323839363433303238303030307D');
INSERT INTO "link" VALUES(5,'till','customers','F4PWK2OG2QP443QO32Y6WVASVI','customer',3,'live','2026-07-01T10:00:00.000Z',0,1782900031140000,0,0,1782900000000000,X'6BC9CD7A96A47E2AB9D89C98A101D365','a0cf7c8e3110a94a8369',0,0,NULL,0,X'5B5B382C333133382C313738323930303030303030303030302C312C302C312C313738323930303030303030303030305D2C7B22676976656E5F6E616D65223A22416461222C2266616D696C795F6E616D65223A2242657267227D2C5B392C333133385D2C7B22636F6D70616E79223A6E756C6C7D2C5B382C333133382C313738323930303030303030303030302C312C302C312C313738323930303030303030303030305D2C7B22656D61696C223A22776F726B406578616D706C652E6F7267222C2270686F6E65223A222B3333313430303030303031227D2C5B392C333133385D2C7B2262697274685F64617465223A6E756C6C2C226E6F7465223A6E756C6C7D5D',X'7B2265223A7B22616464726573736573223A7B7D7D2C2271223A313738323930303036313134303030307D');
CREATE TABLE match_key (
	entity_type TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	value TEXT NOT NULL, 
	link_id INTEGER NOT NULL, 
	entity_id INTEGER NOT NULL, 
	PRIMARY KEY (entity_type, kind, value, link_id)
)
 WITHOUT ROWID

;
INSERT INTO "match_key" VALUES('customer','email','ada@example.org',1,1);
INSERT INTO "match_key" VALUES('customer','email','ada@example.org',4,1);
INSERT INTO "match_key" VALUES('customer','email','bo@example.org',2,2);
INSERT INTO "match_key" VALUES('customer','email','bo@example.org',3,2);
INSERT INTO "match_key" VALUES('customer','email','work@example.org',5,3);
INSERT INTO "match_key" VALUES('customer','phone','+33140000001',1,1);
INSERT INTO "match_key" VALUES('customer','phone','+33140000001',4,1);
INSERT INTO "match_key" VALUES('customer','phone','+33140000001',5,3);
CREATE TABLE movement (
	id INTEGER NOT NULL, 
	variant_id INTEGER NOT NULL, 
	location_id INTEGER NOT NULL, 
	link_id INTEGER, 
	connection TEXT NOT NULL, 
	quantity TEXT NOT NULL, 
	delta INTEGER NOT NULL, 
	occurred_at INTEGER NOT NULL, 
	recorded_at INTEGER NOT NULL, 
	seq INTEGER NOT NULL, 
	reason TEXT NOT NULL, 
	document TEXT, 
	PRIMARY KEY (id)
);
CREATE TABLE raw (
	link_id INTEGER NOT NULL, 
	body BLOB NOT NULL, 
	PRIMARY KEY (link_id)
);
INSERT INTO "raw" VALUES(1,X'7B226964223A226769643A2F2F73686F706966792F437573746F6D65722F31303030303031222C2266697273744E616D65223A22416461222C226C6173744E616D65223A2242657267222C227665726966696564456D61696C223A66616C73652C226E6F7465223A22636F66666565222C226C6F63616C65223A22656E222C2274616773223A5B5D2C227374617465223A2244495341424C4544222C22637265617465644174223A22323032362D30372D30315430393A30303A30305A222C22757064617465644174223A22323032362D30372D30315431313A30313A33315A222C2264656661756C74456D61696C41646472657373223A7B22656D61696C41646472657373223A22616461406578616D706C652E6F7267222C226D61726B6574696E675374617465223A224E4F545F53554253435249424544222C226D61726B6574696E67557064617465644174223A6E756C6C7D2C2264656661756C7450686F6E654E756D626572223A7B2270686F6E654E756D626572223A222B3333313430303030303031222C226D61726B6574696E675374617465223A224E4F545F53554253435249424544227D2C22616464726573736573223A5B7B226964223A226769643A2F2F73686F706966792F4D61696C696E67416464726573732F313030303030323F6D6F64656C5F6E616D653D437573746F6D657241646472657373222C2266697273744E616D65223A6E756C6C2C226C6173744E616D65223A6E756C6C2C22636F6D70616E79223A6E756C6C2C226164647265737331223A2252756520556E652031222C226164647265737332223A6E756C6C2C2263697479223A225061726973222C2270726F76696E6365436F6465223A6E756C6C2C227A6970223A223735303031222C22636F756E747279436F64655632223A6E756C6C2C2270686F6E65223A6E756C6C7D5D7D');
INSERT INTO "raw" VALUES(2,X'7B226964223A226769643A2F2F73686F706966792F437573746F6D65722F31303030303033222C2266697273744E616D65223A22426F222C226C6173744E616D65223A224C696E64222C227665726966696564456D61696C223A66616C73652C226E6F7465223A6E756C6C2C226C6F63616C65223A22656E222C2274616773223A5B5D2C227374617465223A2244495341424C4544222C22637265617465644174223A22323032362D30372D30315430393A30303A30305A222C22757064617465644174223A22323032362D30372D30315430393A30303A30305A222C2264656661756C74456D61696C41646472657373223A7B22656D61696C41646472657373223A22626F406578616D706C652E6F7267222C226D61726B6574696E675374617465223A224E4F545F53554253435249424544222C226D61726B6574696E67557064617465644174223A6E756C6C7D2C2264656661756C7450686F6E654E756D626572223A7B2270686F6E654E756D626572223A6E756C6C2C226D61726B6574696E675374617465223A224E4F545F53554253435249424544227D2C22616464726573736573223A5B5D7D');
INSERT INTO "raw" VALUES(3,X'7B226964223A224849485934494D3351354D4242525250354450414F5835485335222C22637265617465645F6174223A22323032362D30372D30315430393A30303A30302E3030305A222C22757064617465645F6174223A22323032362D30372D30315430393A30303A30302E3030305A222C22676976656E5F6E616D65223A22426F222C2266616D696C795F6E616D65223A224C756E64222C22656D61696C5F61646472657373223A22626F406578616D706C652E6F7267222C22707265666572656E636573223A7B22656D61696C5F756E73756273637269626564223A66616C73657D2C226372656174696F6E5F736F75726365223A224449524543544F5259222C2276657273696F6E223A307D');
INSERT INTO "raw" VALUES(4,X'7B226964223A225354523357354B344C4332574A55585345514A4A4B5549505437222C22637265617465645F6174223A22323032362D30372D30315430393A30303A30302E3237305A222C22757064617465645F6174223A22323032362D30372D30315430393A30303A30302E3237305A222C22676976656E5F6E616D65223A22416461222C2266616D696C795F6E616D65223A2242657267222C22656D61696C5F61646472657373223A22616461406578616D706C652E6F7267222C2261646472657373223A7B22616464726573735F6C696E655F31223A2252756520556E652031222C226C6F63616C697479223A225061726973222C22706F7374616C5F636F6465223A223735303031227D2C2270686F6E655F6E756D626572223A222B3333313430303030303031222C227265666572656E63655F6964223A226A6F696E2D6538383731363138616563353466346565646362222C226E6F7465223A22746561222C22707265666572656E636573223A7B22656D61696C5F756E73756273637269626564223A66616C73657D2C226372656174696F6E5F736F75726365223A2254484952445F5041525459222C2276657273696F6E223A307D');
INSERT INTO "raw" VALUES(5,X'7B226964223A22463450574B324F47325150343433514F33325936575641535649222C22637265617465645F6174223A22323032362D30372D30315431303A30303A30302E3030305A222C22757064617465645F6174223A22323032362D30372D30315431303A30303A30302E3030305A222C22676976656E5F6E616D65223A22416461222C2266616D696C795F6E616D65223A2242657267222C22656D61696C5F61646472657373223A22776F726B406578616D706C652E6F7267222C2270686F6E655F6E756D626572223A222B3333313430303030303031222C22707265666572656E636573223A7B22656D61696C5F756E73756273637269626564223A66616C73657D2C226372656174696F6E5F736F75726365223A224449524543544F5259222C2276657273696F6E223A307D');
CREATE TABLE read_cursor (
	connection TEXT NOT NULL, 
	stream TEXT NOT NULL, 
	since INTEGER, 
	token TEXT, 
	high INTEGER, 
	window_started_seq INTEGER NOT NULL, 
	window_started_at INTEGER NOT NULL, 
	first_complete_at INTEGER, 
	first_complete_seq INTEGER NOT NULL, 
	first_high INTEGER, 
	full_at INTEGER NOT NULL, 
	"full" BOOLEAN NOT NULL, 
	seen INTEGER NOT NULL, 
	total INTEGER, 
	first_total INTEGER, 
	again BOOLEAN NOT NULL, 
	PRIMARY KEY (connection, stream)
);
INSERT INTO "read_cursor" VALUES('shop','locations',NULL,NULL,NULL,9391,1782907322260000,1782896400020000,1,NULL,1782907322280000,1,0,NULL,NULL,0);
INSERT INTO "read_cursor" VALUES('shop','customers',1782903631000000,NULL,NULL,9393,1782907322280000,1782896400040000,3,1782896400000000,1782896400040000,0,1,NULL,NULL,0);
INSERT INTO "read_cursor" VALUES('shop','products',NULL,NULL,NULL,9395,1782907322300000,1782896400060000,5,NULL,1782907322320000,1,0,NULL,NULL,0);
INSERT INTO "read_cursor" VALUES('shop','inventory',NULL,NULL,NULL,9397,1782907322320000,1782896400080000,7,NULL,1782907322340000,1,0,NULL,NULL,0);
INSERT INTO "read_cursor" VALUES('shop','orders',NULL,NULL,NULL,9399,1782907322340000,1782896400100000,9,NULL,1782907322360000,1,0,NULL,NULL,0);
INSERT INTO "read_cursor" VALUES('till','locations',NULL,NULL,NULL,9401,1782907322360000,1782896400120000,11,NULL,1782907322380000,1,0,0,0,0);
INSERT INTO "read_cursor" VALUES('till','customers',1782899940000000,NULL,NULL,9403,1782907322380000,1782896400140000,13,1782896400000000,1782896400140000,0,1,1,1,0);
INSERT INTO "read_cursor" VALUES('till','products',NULL,NULL,NULL,9405,1782907322400000,1782896400160000,15,NULL,1782907322420000,1,0,NULL,NULL,0);
INSERT INTO "read_cursor" VALUES('till','inventory',NULL,NULL,NULL,9407,1782907322420000,1782896400180000,17,NULL,1782907322440000,1,0,NULL,NULL,0);
INSERT INTO "read_cursor" VALUES('till','orders',NULL,NULL,NULL,9409,1782907322440000,1782896400200000,19,NULL,1782907322460000,1,0,NULL,NULL,0);
INSERT INTO "read_cursor" VALUES('till','payments',NULL,NULL,NULL,9411,1782907322460000,1782896400220000,21,NULL,1782907322480000,1,0,NULL,NULL,0);
INSERT INTO "read_cursor" VALUES('till','returns',NULL,NULL,NULL,9413,1782907322480000,1782896400240000,23,NULL,1782907322500000,1,0,NULL,NULL,0);
INSERT INTO "read_cursor" VALUES('till','refunds',NULL,NULL,NULL,9415,1782907322500000,1782896400260000,25,NULL,1782907322520000,1,0,NULL,NULL,0);
CREATE TABLE review (
	id INTEGER NOT NULL, 
	kind TEXT NOT NULL, 
	about TEXT NOT NULL, 
	entity_id INTEGER, 
	link_id INTEGER, 
	opened_at INTEGER NOT NULL, 
	detail BLOB NOT NULL, 
	resolved_at INTEGER, 
	answer TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "review" VALUES(1,'ask','entity 2 family_name',2,NULL,1782896400140000,X'7B226669656C64223A2266616D696C795F6E616D65227D',NULL,'');
INSERT INTO "review" VALUES(2,'match','1/3',3,5,1782900031140000,X'7B22616C696B65223A5B315D7D',NULL,'');
CREATE TABLE run (
	id INTEGER NOT NULL, 
	connection TEXT NOT NULL, 
	stream TEXT NOT NULL, 
	kind TEXT NOT NULL, 
	started_at INTEGER NOT NULL, 
	ended_at INTEGER, 
	counts BLOB NOT NULL, 
	error TEXT NOT NULL, 
	PRIMARY KEY (id)
);
INSERT INTO "run" VALUES(1,'shop','locations','whole',1782907322260000,1782907322280000,X'7B7D','');
INSERT INTO "run" VALUES(2,'shop','customers','whole',1782896400020000,1782896400040000,X'7B226170706C696564223A327D','');
INSERT INTO "run" VALUES(3,'shop','products','whole',1782907322300000,1782907322320000,X'7B7D','');
INSERT INTO "run" VALUES(4,'shop','inventory','whole',1782907322320000,1782907322340000,X'7B7D','');
INSERT INTO "run" VALUES(5,'shop','orders','whole',1782907322340000,1782907322360000,X'7B7D','');
INSERT INTO "run" VALUES(6,'till','locations','whole',1782907322360000,1782907322380000,X'7B7D','');
INSERT INTO "run" VALUES(7,'till','customers','whole',1782896400120000,1782896400140000,X'7B226170706C696564223A317D','');
INSERT INTO "run" VALUES(8,'till','products','whole',1782907322400000,1782907322420000,X'7B7D','');
INSERT INTO "run" VALUES(9,'till','inventory','whole',1782907322420000,1782907322440000,X'7B7D','');
INSERT INTO "run" VALUES(10,'till','orders','whole',1782907322440000,1782907322460000,X'7B7D','');
INSERT INTO "run" VALUES(11,'till','payments','whole',1782907322460000,1782907322480000,X'7B7D','');
INSERT INTO "run" VALUES(12,'till','returns','whole',1782907322480000,1782907322500000,X'7B7D','');
INSERT INTO "run" VALUES(13,'till','refunds','whole',1782907322500000,1782907322520000,X'7B7D','');
INSERT INTO "run" VALUES(14,'shop','customers','changes',1782903631020000,1782903631040000,X'7B22756E6368616E676564223A327D','');
INSERT INTO "run" VALUES(15,'till','customers','changes',1782896430120000,1782896430140000,X'7B226170706C696564223A312C22756E6368616E676564223A317D','');
INSERT INTO "run" VALUES(16,'till','customers','changes',1782899970120000,1782899970140000,X'7B22756E6368616E676564223A327D','');
INSERT INTO "run" VALUES(17,'till','customers','changes',1782900031120000,1782900031140000,X'7B226170706C696564223A312C22756E6368616E676564223A327D','');
INSERT INTO "run" VALUES(18,'till','customers','changes',1782907322380000,1782907322400000,X'7B22756E6368616E676564223A317D','');
INSERT INTO "run" VALUES(19,'shop','customers','changes',1782903722280000,1782903722300000,X'7B226170706C696564223A312C22756E6368616E676564223A317D','');
INSERT INTO "run" VALUES(20,'shop','customers','changes',1782907322280000,1782907322300000,X'7B22756E6368616E676564223A317D','');
CREATE TABLE share (
	document_id INTEGER NOT NULL, 
	variant_id INTEGER NOT NULL, 
	location_id INTEGER NOT NULL, 
	connection TEXT NOT NULL, 
	moved INTEGER NOT NULL, 
	kept INTEGER NOT NULL, 
	until INTEGER NOT NULL, 
	steps INTEGER NOT NULL, 
	waits TEXT, 
	PRIMARY KEY (document_id, variant_id, location_id)
);
CREATE TABLE waiting (
	id INTEGER NOT NULL, 
	connection TEXT NOT NULL, 
	stream TEXT NOT NULL, 
	external_id TEXT NOT NULL, 
	payload BLOB NOT NULL, 
	seq INTEGER NOT NULL, 
	sent_at INTEGER NOT NULL, 
	received_at INTEGER NOT NULL, 
	source TEXT NOT NULL, 
	reason TEXT NOT NULL, 
	waits_for TEXT NOT NULL, 
	deadline INTEGER NOT NULL, 
	parked_at INTEGER NOT NULL, 
	PRIMARY KEY (id), 
	UNIQUE (connection, stream, external_id)
);
CREATE TABLE window_seen (
	connection TEXT NOT NULL, 
	stream TEXT NOT NULL, 
	window INTEGER NOT NULL, 
	external_id TEXT NOT NULL, 
	PRIMARY KEY (connection, stream, window, external_id)
)
 WITHOUT ROWID

;
CREATE INDEX approval_at ON approval (at);
CREATE INDEX approval_entity ON approval (entity_id);
CREATE INDEX attempt_entity ON attempt (entity_id, id);
CREATE INDEX attempt_link ON attempt (link_id, id);
CREATE INDEX attempt_open ON attempt (connection, id) WHERE state <> 'closed';
CREATE INDEX dead_letter_record ON dead_letter (connection, stream, external_id);
CREATE INDEX dead_letter_state ON dead_letter (state, id);
CREATE UNIQUE INDEX delivery_create ON delivery (entity_id, connection, stream) WHERE link_id IS NULL;
CREATE INDEX delivery_due ON delivery (connection, state, since, id);
CREATE INDEX delivery_entity ON delivery (entity_id);
CREATE UNIQUE INDEX delivery_link ON delivery (link_id) WHERE link_id IS NOT NULL;
CREATE INDEX document_customer ON document (customer_id, at, entity_id);
CREATE INDEX document_order ON document (order_id, at, entity_id);
CREATE INDEX document_ticket ON document (ticket_id, at, entity_id);
CREATE INDEX document_number ON document (number, type);
CREATE INDEX document_customer_ref ON document (customer_ref) WHERE customer_ref IS NOT NULL;
CREATE INDEX document_order_ref ON document (order_ref) WHERE order_ref IS NOT NULL;
CREATE INDEX document_ticket_ref ON document (ticket_ref) WHERE ticket_ref IS NOT NULL;
CREATE INDEX document_email ON document (email) WHERE email IS NOT NULL;
CREATE INDEX entity_alias ON entity (alias_of) WHERE alias_of IS NOT NULL;
CREATE INDEX entity_kind ON entity (state, type);
CREATE INDEX event_seen_at ON event_seen (at);
CREATE INDEX hint_due ON hint (connection, not_before);
CREATE INDEX journal_edit ON journal (at) WHERE kind = 'edit';
CREATE INDEX journal_entity ON journal (entity_id, id);
CREATE INDEX link_entity ON link (entity_id);
CREATE INDEX link_ended ON link (connection, stream) WHERE state <> 'live';
CREATE UNIQUE INDEX movement_document ON movement (document, quantity) WHERE document IS NOT NULL;
CREATE INDEX movement_level ON movement (variant_id, location_id, id);
CREATE INDEX review_entity ON review (entity_id);
CREATE UNIQUE INDEX review_open ON review (about, kind) WHERE resolved_at IS NULL;
CREATE INDEX run_stream ON run (connection, stream, id);
CREATE INDEX share_level ON share (variant_id, location_id);
CREATE INDEX share_until ON share (until) WHERE kept <> 0 AND until > 0;
CREATE INDEX share_waits ON share (waits) WHERE waits IS NOT NULL;
CREATE INDEX waiting_deadline ON waiting (deadline);
CREATE INDEX waiting_for ON waiting (waits_for);
COMMIT;
