"""The part of the Admin schema that the fake serves, written by hand from the contract; a test holds it to the vendor's."""

from __future__ import annotations

from typing import Final

from connectors.shopify.fake.order_schema import ORDERS

SDL: Final = (
    """
schema { query: QueryRoot mutation: Mutation }
directive @idempotent(key: String!) on FIELD
scalar DateTime
scalar Money
scalar HTML
enum CountryCode {
  AC AD AE AF AG AI AL AM AN AO AR AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY BZ CA CC
  CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK FO FR GA GB GD GE
  GF GG GH GI GL GM GN GP GQ GR GS GT GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR IS IT JE JM JO JP KE KG KH KI KM
  KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MK ML MM MN MO MQ MR MS MT MU MV MW MX MY MZ NA
  NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM PN PS PT PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ
  SK SL SM SN SO SR SS ST SV SX SY SZ TA TC TD TF TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG
  VN VU WF WS XK YE YT ZA ZM ZW ZZ
}
enum CurrencyCode { AUD CAD CHF EUR GBP JPY USD }
enum CustomerSortKeys { CREATED_AT ID UPDATED_AT }
enum ProductSortKeys { CREATED_AT ID UPDATED_AT }
enum ProductVariantSortKeys { ID POSITION }
enum LocationSortKeys { ID NAME }
enum ProductStatus { ACTIVE ARCHIVED DRAFT }
enum CustomerState { DECLINED DISABLED ENABLED INVITED }
enum CustomerEmailAddressMarketingState { INVALID NOT_SUBSCRIBED PENDING SUBSCRIBED UNSUBSCRIBED }
enum CustomerEmailMarketingState { INVALID NOT_SUBSCRIBED PENDING REDACTED SUBSCRIBED UNSUBSCRIBED }
enum CustomerSmsMarketingState { NOT_SUBSCRIBED PENDING REDACTED SUBSCRIBED UNSUBSCRIBED }
enum CustomerEmailMarketingConsentUpdateUserErrorCode { INCLUSION INTERNAL_ERROR INVALID MISSING_ARGUMENT }
enum CustomerSmsMarketingConsentErrorCode { INCLUSION INTERNAL_ERROR INVALID MISSING_ARGUMENT }
enum ProductVariantsBulkUpdateUserErrorCode {
  INVALID_VALUE NEGATIVE_PRICE_VALUE PRODUCT_DOES_NOT_EXIST PRODUCT_VARIANT_DOES_NOT_EXIST PRODUCT_VARIANT_ID_MISSING
}
enum InventoryAdjustQuantitiesUserErrorCode {
  CHANGE_FROM_QUANTITY_STALE IDEMPOTENCY_KEY_PARAMETER_MISMATCH INVALID_INVENTORY_ITEM INVALID_LOCATION INVALID_QUANTITY_NAME
  INVALID_QUANTITY_TOO_HIGH INVALID_QUANTITY_TOO_LOW INVALID_REASON ITEM_NOT_STOCKED_AT_LOCATION
}
enum InventorySetQuantitiesUserErrorCode {
  CHANGE_FROM_QUANTITY_STALE IDEMPOTENCY_KEY_PARAMETER_MISMATCH INVALID_INVENTORY_ITEM INVALID_LOCATION INVALID_NAME
  INVALID_QUANTITY_NEGATIVE INVALID_QUANTITY_TOO_HIGH INVALID_QUANTITY_TOO_LOW INVALID_REASON ITEM_NOT_STOCKED_AT_LOCATION
}

interface Node { id: ID! }
interface DisplayableError { field: [String!] message: String! }
type UserError implements DisplayableError { field: [String!] message: String! }
type PageInfo { hasNextPage: Boolean! hasPreviousPage: Boolean! startCursor: String endCursor: String }
enum WebhookSubscriptionFormat { JSON XML }
enum WebhookSubscriptionTopic {
  CUSTOMERS_CREATE CUSTOMERS_DELETE CUSTOMERS_DISABLE CUSTOMERS_EMAIL_MARKETING_CONSENT_UPDATE CUSTOMERS_ENABLE
  CUSTOMERS_MARKETING_CONSENT_UPDATE CUSTOMERS_MERGE CUSTOMERS_PURCHASING_SUMMARY CUSTOMERS_UPDATE
  CUSTOMERS_WHATS_APP_MARKETING_CONSENT_UPDATE DRAFT_ORDERS_CREATE DRAFT_ORDERS_DELETE DRAFT_ORDERS_UPDATE
  FULFILLMENTS_CREATE FULFILLMENTS_UPDATE INVENTORY_LEVELS_CONNECT INVENTORY_LEVELS_DISCONNECT INVENTORY_LEVELS_UPDATE
  LOCATIONS_ACTIVATE LOCATIONS_CREATE LOCATIONS_DEACTIVATE LOCATIONS_DELETE LOCATIONS_UPDATE ORDERS_CANCELLED
  ORDERS_CREATE ORDERS_DELETE ORDERS_EDITED ORDERS_FULFILLED ORDERS_LINK_REQUESTED ORDERS_PAID
  ORDERS_PARTIALLY_FULFILLED ORDERS_RISK_ASSESSMENT_CHANGED ORDERS_SHOPIFY_PROTECT_ELIGIBILITY_CHANGED ORDERS_UPDATED
  ORDER_TRANSACTIONS_CREATE PRODUCTS_CREATE PRODUCTS_DELETE PRODUCTS_UPDATE REFUNDS_CREATE RETURNS_APPROVE
  RETURNS_CANCEL RETURNS_CLOSE RETURNS_DECLINE RETURNS_PROCESS RETURNS_REOPEN RETURNS_REQUEST RETURNS_UPDATE
}
type WebhookSubscription implements Node {
  id: ID! topic: WebhookSubscriptionTopic! uri: String! format: WebhookSubscriptionFormat! filter: String
  includeFields: [String!]!
}
type WebhookSubscriptionConnection { nodes: [WebhookSubscription!]! pageInfo: PageInfo! }
input WebhookSubscriptionInput {
  uri: String format: WebhookSubscriptionFormat filter: String includeFields: [String!]
}
type WebhookSubscriptionCreatePayload { userErrors: [UserError!]! webhookSubscription: WebhookSubscription }
type WebhookSubscriptionDeletePayload { userErrors: [UserError!]! deletedWebhookSubscriptionId: ID }
extend type QueryRoot { webhookSubscriptions(after: String, first: Int): WebhookSubscriptionConnection! }
extend type Mutation {
  webhookSubscriptionCreate(
    topic: WebhookSubscriptionTopic!, webhookSubscription: WebhookSubscriptionInput!
  ): WebhookSubscriptionCreatePayload
  webhookSubscriptionDelete(id: ID!): WebhookSubscriptionDeletePayload
}
type Shop implements Node { id: ID! name: String! myshopifyDomain: String! currencyCode: CurrencyCode! }

type QueryRoot {
  shop: Shop!
  nodes(ids: [ID!]!): [Node]!
  customer(id: ID!): Customer
  customerByIdentifier(identifier: CustomerIdentifierInput!): Customer
  customers(after: String, first: Int, query: String, sortKey: CustomerSortKeys = ID): CustomerConnection!
  product(id: ID!): Product
  products(after: String, first: Int, query: String, sortKey: ProductSortKeys = ID): ProductConnection!
  productVariants(after: String, first: Int, query: String, sortKey: ProductVariantSortKeys = ID): ProductVariantConnection!
  location(id: ID): Location
  locations(
    after: String, first: Int, includeInactive: Boolean = false, query: String, sortKey: LocationSortKeys = NAME
  ): LocationConnection!
  inventoryItem(id: ID!): InventoryItem
  order(id: ID!): Order
  orders(after: String, first: Int, query: String, sortKey: OrderSortKeys = PROCESSED_AT): OrderConnection!
  refund(id: ID!): Refund
  fulfillment(id: ID!): Fulfillment
  return(id: ID!): Return
}

type Mutation {
  customerCreate(input: CustomerInput!): CustomerCreatePayload
  customerUpdate(input: CustomerInput!): CustomerUpdatePayload
  customerDelete(input: CustomerDeleteInput!): CustomerDeletePayload
  customerEmailMarketingConsentUpdate(
    input: CustomerEmailMarketingConsentUpdateInput!
  ): CustomerEmailMarketingConsentUpdatePayload
  customerSmsMarketingConsentUpdate(input: CustomerSmsMarketingConsentUpdateInput!): CustomerSmsMarketingConsentUpdatePayload
  customerAddressCreate(address: MailingAddressInput!, customerId: ID!, setAsDefault: Boolean): CustomerAddressCreatePayload
  customerAddressUpdate(
    address: MailingAddressInput!, addressId: ID!, customerId: ID!, setAsDefault: Boolean
  ): CustomerAddressUpdatePayload
  customerAddressDelete(addressId: ID!, customerId: ID!): CustomerAddressDeletePayload
  productUpdate(product: ProductUpdateInput): ProductUpdatePayload
  productVariantsBulkUpdate(
    allowPartialUpdates: Boolean = false, productId: ID!, variants: [ProductVariantsBulkInput!]!
  ): ProductVariantsBulkUpdatePayload
  inventoryAdjustQuantities(input: InventoryAdjustQuantitiesInput!): InventoryAdjustQuantitiesPayload
  inventorySetQuantities(input: InventorySetQuantitiesInput!): InventorySetQuantitiesPayload
  orderCancel(
    notifyCustomer: Boolean = false, orderId: ID!, reason: OrderCancelReason!, refundMethod: OrderCancelRefundMethodInput
    restock: Boolean!, staffNote: String = null
  ): OrderCancelPayload
  fulfillmentCreate(fulfillment: FulfillmentInput!, message: String): FulfillmentCreatePayload
  refundCreate(input: RefundInput!): RefundCreatePayload
}

type Customer implements Node {
  id: ID! firstName: String lastName: String verifiedEmail: Boolean! note: String locale: String! tags: [String!]!
  state: CustomerState! createdAt: DateTime! updatedAt: DateTime!
  defaultEmailAddress: CustomerEmailAddress
  defaultPhoneNumber: CustomerPhoneNumber
  addressesV2(after: String, first: Int): MailingAddressConnection!
}
type CustomerEmailAddress {
  emailAddress: String! marketingState: CustomerEmailAddressMarketingState! marketingUpdatedAt: DateTime
}
type CustomerPhoneNumber { phoneNumber: String! marketingState: CustomerSmsMarketingState! }
type MailingAddress implements Node {
  id: ID! firstName: String lastName: String company: String address1: String address2: String city: String
  name: String provinceCode: String zip: String countryCodeV2: CountryCode phone: String
}
type CustomerConnection { edges: [CustomerEdge!]! nodes: [Customer!]! pageInfo: PageInfo! }
type CustomerEdge { cursor: String! node: Customer! }
type MailingAddressConnection { nodes: [MailingAddress!]! pageInfo: PageInfo! }
input CustomerIdentifierInput @oneOf { emailAddress: String id: ID phoneNumber: String }
input CustomerInput {
  id: ID email: String phone: String firstName: String lastName: String note: String locale: String tags: [String!]
  emailMarketingConsent: CustomerEmailMarketingConsentInput
  smsMarketingConsent: CustomerSmsMarketingConsentInput
}
input CustomerDeleteInput { id: ID! }
input CustomerEmailMarketingConsentInput { marketingState: CustomerEmailMarketingState! consentUpdatedAt: DateTime }
input CustomerEmailMarketingConsentUpdateInput { customerId: ID! emailMarketingConsent: CustomerEmailMarketingConsentInput! }
input CustomerSmsMarketingConsentInput { marketingState: CustomerSmsMarketingState! consentUpdatedAt: DateTime }
input CustomerSmsMarketingConsentUpdateInput { customerId: ID! smsMarketingConsent: CustomerSmsMarketingConsentInput! }
input MailingAddressInput {
  firstName: String lastName: String company: String address1: String address2: String city: String
  provinceCode: String zip: String countryCode: CountryCode phone: String
}
type CustomerCreatePayload { customer: Customer userErrors: [UserError!]! }
type CustomerUpdatePayload { customer: Customer userErrors: [UserError!]! }
type CustomerDeletePayload { deletedCustomerId: ID userErrors: [UserError!]! }
type CustomerEmailMarketingConsentUpdatePayload {
  customer: Customer userErrors: [CustomerEmailMarketingConsentUpdateUserError!]!
}
type CustomerEmailMarketingConsentUpdateUserError implements DisplayableError {
  code: CustomerEmailMarketingConsentUpdateUserErrorCode field: [String!] message: String!
}
type CustomerSmsMarketingConsentUpdatePayload { customer: Customer userErrors: [CustomerSmsMarketingConsentError!]! }
type CustomerSmsMarketingConsentError implements DisplayableError {
  code: CustomerSmsMarketingConsentErrorCode field: [String!] message: String!
}
type CustomerAddressCreatePayload { address: MailingAddress userErrors: [UserError!]! }
type CustomerAddressUpdatePayload { address: MailingAddress userErrors: [UserError!]! }
type CustomerAddressDeletePayload { deletedAddressId: ID userErrors: [UserError!]! }

type Product implements Node {
  id: ID! title: String! descriptionHtml: HTML! handle: String! vendor: String! productType: String! status: ProductStatus!
  tags: [String!]! createdAt: DateTime! updatedAt: DateTime!
  variants(after: String, first: Int, sortKey: ProductVariantSortKeys = POSITION): ProductVariantConnection!
}
type ProductVariant implements Node {
  id: ID! title: String! sku: String barcode: String price: Money! compareAtPrice: Money position: Int!
  createdAt: DateTime! updatedAt: DateTime! product: Product! inventoryItem: InventoryItem!
}
type ProductConnection { edges: [ProductEdge!]! nodes: [Product!]! pageInfo: PageInfo! }
type ProductEdge { cursor: String! node: Product! }
type ProductVariantConnection { nodes: [ProductVariant!]! pageInfo: PageInfo! }
input ProductUpdateInput {
  id: ID title: String descriptionHtml: String handle: String vendor: String productType: String status: ProductStatus
  tags: [String!]
}
input ProductVariantsBulkInput {
  id: ID price: Money compareAtPrice: Money barcode: String inventoryItem: InventoryItemInput
}
input InventoryItemInput { sku: String tracked: Boolean }
type ProductUpdatePayload { product: Product userErrors: [UserError!]! }
type ProductVariantsBulkUpdatePayload {
  product: Product productVariants: [ProductVariant!] userErrors: [ProductVariantsBulkUpdateUserError!]!
}
type ProductVariantsBulkUpdateUserError implements DisplayableError {
  code: ProductVariantsBulkUpdateUserErrorCode field: [String!] message: String!
}

type Location implements Node {
  id: ID! name: String! isActive: Boolean! fulfillsOnlineOrders: Boolean! createdAt: DateTime! updatedAt: DateTime!
  address: LocationAddress!
  inventoryLevels(after: String, first: Int, includeInactive: Boolean = false, query: String): InventoryLevelConnection!
}
type LocationAddress {
  address1: String address2: String city: String zip: String provinceCode: String countryCode: String phone: String
}
type LocationConnection { nodes: [Location!]! pageInfo: PageInfo! }
type InventoryItem implements Node {
  id: ID! sku: String tracked: Boolean! createdAt: DateTime! updatedAt: DateTime!
  inventoryLevel(includeInactive: Boolean = false, locationId: ID!): InventoryLevel
  inventoryLevels(after: String, first: Int, includeInactive: Boolean = false, query: String): InventoryLevelConnection!
  variants(after: String, first: Int): ProductVariantConnection
}
type InventoryLevel implements Node {
  id: ID! isActive: Boolean! createdAt: DateTime! updatedAt: DateTime! item: InventoryItem! location: Location!
  quantities(names: [String!]!): [InventoryQuantity!]!
}
type InventoryQuantity { name: String! quantity: Int! updatedAt: DateTime }
type InventoryLevelConnection { nodes: [InventoryLevel!]! pageInfo: PageInfo! }
input InventoryAdjustQuantitiesInput {
  name: String! reason: String! referenceDocumentUri: String changes: [InventoryChangeInput!]!
}
input InventoryChangeInput {
  delta: Int! inventoryItemId: ID! locationId: ID! changeFromQuantity: Int ledgerDocumentUri: String
}
input InventorySetQuantitiesInput {
  name: String! reason: String! referenceDocumentUri: String quantities: [InventoryQuantityInput!]!
}
input InventoryQuantityInput { inventoryItemId: ID! locationId: ID! quantity: Int! changeFromQuantity: Int }
type InventoryAdjustmentGroup implements Node {
  id: ID! createdAt: DateTime! reason: String! referenceDocumentUri: String
  changes(inventoryItemIds: [ID!], locationIds: [ID!], quantityNames: [String!]): [InventoryChange!]!
}
type InventoryChange {
  name: String! delta: Int! quantityAfterChange: Int ledgerDocumentUri: String item: InventoryItem location: Location
}
type InventoryAdjustQuantitiesPayload {
  inventoryAdjustmentGroup: InventoryAdjustmentGroup userErrors: [InventoryAdjustQuantitiesUserError!]!
}
type InventoryAdjustQuantitiesUserError implements DisplayableError {
  code: InventoryAdjustQuantitiesUserErrorCode field: [String!] message: String!
}
type InventorySetQuantitiesPayload {
  inventoryAdjustmentGroup: InventoryAdjustmentGroup userErrors: [InventorySetQuantitiesUserError!]!
}
type InventorySetQuantitiesUserError implements DisplayableError {
  code: InventorySetQuantitiesUserErrorCode field: [String!] message: String!
}
"""
    + ORDERS
)
