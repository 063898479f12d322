"""The part of the fake's schema that is about orders; see `connectors.shopify.fake.schema`."""

from __future__ import annotations

from typing import Final

ORDERS: Final = """
scalar Decimal
scalar URL
enum OrderSortKeys { CREATED_AT ID PROCESSED_AT UPDATED_AT }
enum OrderCancelReason { CUSTOMER DECLINED FRAUD INVENTORY OTHER STAFF }
enum OrderDisplayFinancialStatus {
  AUTHORIZED EXPIRED PAID PARTIALLY_PAID PARTIALLY_REFUNDED PENDING REFUNDED VOIDED
}
enum OrderDisplayFulfillmentStatus {
  FULFILLED IN_PROGRESS ON_HOLD OPEN PARTIALLY_FULFILLED PENDING_FULFILLMENT REQUEST_DECLINED RESTOCKED SCHEDULED UNFULFILLED
}
enum OrderTransactionKind { AUTHORIZATION CAPTURE CHANGE EMV_AUTHORIZATION REFUND SALE SUGGESTED_REFUND VOID }
enum OrderTransactionStatus { AWAITING_RESPONSE ERROR FAILURE PENDING SUCCESS UNKNOWN }
enum FulfillmentStatus { CANCELLED ERROR FAILURE SUCCESS }
enum FulfillmentDisplayStatus {
  ATTEMPTED_DELIVERY CANCELED CARRIER_PICKED_UP CONFIRMED DELAYED DELIVERED FAILURE FULFILLED IN_TRANSIT LABEL_PRINTED
  LABEL_PURCHASED LABEL_VOIDED MARKED_AS_FULFILLED NOT_DELIVERED OUT_FOR_DELIVERY PICKED_UP READY_FOR_PICKUP SUBMITTED
}
enum ReturnStatus { CANCELED CLOSED DECLINED OPEN REQUESTED }
enum RefundLineItemRestockType { CANCEL LEGACY_RESTOCK NO_RESTOCK RETURN }

type MoneyV2 { amount: Decimal! currencyCode: CurrencyCode! }
type MoneyBag { shopMoney: MoneyV2! presentmentMoney: MoneyV2! }
type TaxLine { title: String! rate: Float priceSet: MoneyBag! }
type DiscountAllocation { allocatedAmountSet: MoneyBag! }
type ShippingLine { id: ID title: String! discountedPriceSet: MoneyBag! }
type ShippingLineConnection { nodes: [ShippingLine!]! pageInfo: PageInfo! }
type LineItem implements Node {
  id: ID! sku: String name: String! quantity: Int! unfulfilledQuantity: Int! variant: ProductVariant
  originalUnitPriceSet: MoneyBag! originalTotalSet: MoneyBag! discountAllocations: [DiscountAllocation!]!
  taxLines(first: Int): [TaxLine!]!
}
type LineItemConnection { nodes: [LineItem!]! pageInfo: PageInfo! }
type OrderTransaction implements Node {
  id: ID! kind: OrderTransactionKind! status: OrderTransactionStatus! gateway: String paymentId: String
  manualPaymentGateway: Boolean!
  createdAt: DateTime! processedAt: DateTime order: Order amountSet: MoneyBag! parentTransaction: OrderTransaction
}
type OrderTransactionConnection { nodes: [OrderTransaction!]! pageInfo: PageInfo! }
type RefundLineItem {
  id: ID quantity: Int! restockType: RefundLineItemRestockType! restocked: Boolean! location: Location subtotalSet: MoneyBag!
  lineItem: LineItem!
}
type RefundLineItemConnection { nodes: [RefundLineItem!]! pageInfo: PageInfo! }
type Refund implements Node {
  id: ID! note: String createdAt: DateTime processedAt: DateTime! updatedAt: DateTime! order: Order! totalRefundedSet: MoneyBag!
  transactions(after: String, first: Int): OrderTransactionConnection!
  refundLineItems(after: String, first: Int): RefundLineItemConnection!
}
type FulfillmentTrackingInfo { company: String number: String url: URL }
type FulfillmentLineItem implements Node { id: ID! quantity: Int lineItem: LineItem! }
type FulfillmentLineItemConnection { nodes: [FulfillmentLineItem!]! pageInfo: PageInfo! }
type Fulfillment implements Node {
  id: ID! name: String! status: FulfillmentStatus! displayStatus: FulfillmentDisplayStatus createdAt: DateTime!
  updatedAt: DateTime! order: Order! location: Location trackingInfo(first: Int): [FulfillmentTrackingInfo!]!
  fulfillmentLineItems(after: String, first: Int): FulfillmentLineItemConnection!
}
type ReturnReasonDefinition { handle: String! }
interface ReturnLineItemType implements Node {
  id: ID! quantity: Int! returnReasonNote: String! returnReasonDefinition: ReturnReasonDefinition
}
type ReturnLineItem implements ReturnLineItemType & Node {
  id: ID! quantity: Int! returnReasonNote: String! returnReasonDefinition: ReturnReasonDefinition
  fulfillmentLineItem: FulfillmentLineItem!
}
type ReturnLineItemTypeConnection { nodes: [ReturnLineItemType!]! pageInfo: PageInfo! }
type Return implements Node {
  id: ID! name: String! status: ReturnStatus! createdAt: DateTime! order: Order!
  returnLineItems(after: String, first: Int): ReturnLineItemTypeConnection!
}
type ReturnConnection { nodes: [Return!]! pageInfo: PageInfo! }
enum FulfillmentOrderStatus { CANCELLED CLOSED INCOMPLETE IN_PROGRESS ON_HOLD OPEN SCHEDULED }
type FulfillmentOrderLineItem implements Node { id: ID! remainingQuantity: Int! }
type FulfillmentOrderLineItemConnection { nodes: [FulfillmentOrderLineItem!]! pageInfo: PageInfo! }
type FulfillmentOrderAssignedLocation { location: Location name: String! }
type FulfillmentOrder implements Node {
  id: ID! status: FulfillmentOrderStatus! assignedLocation: FulfillmentOrderAssignedLocation!
  lineItems(after: String, first: Int): FulfillmentOrderLineItemConnection!
}
type FulfillmentOrderConnection { nodes: [FulfillmentOrder!]! pageInfo: PageInfo! }
type Order implements Node {
  id: ID! name: String! createdAt: DateTime! updatedAt: DateTime! processedAt: DateTime! cancelledAt: DateTime
  cancelReason: OrderCancelReason closed: Boolean! sourceName: String note: String tags: [String!]! email: String phone: String
  currencyCode: CurrencyCode! taxesIncluded: Boolean! displayFinancialStatus: OrderDisplayFinancialStatus
  displayFulfillmentStatus: OrderDisplayFulfillmentStatus! discountCodes: [String!]! customer: Customer retailLocation: Location
  shippingAddress: MailingAddress subtotalPriceSet: MoneyBag totalDiscountsSet: MoneyBag totalTaxSet: MoneyBag
  totalPriceSet: MoneyBag! totalReceivedSet: MoneyBag! totalRefundedSet: MoneyBag! taxLines: [TaxLine!]!
  shippingLines(after: String, first: Int): ShippingLineConnection!
  lineItems(after: String, first: Int): LineItemConnection!
  transactions(first: Int): [OrderTransaction!]!
  refunds(first: Int): [Refund!]!
  fulfillments(first: Int): [Fulfillment!]!
  returns(after: String, first: Int): ReturnConnection!
  fulfillmentOrders(after: String, first: Int): FulfillmentOrderConnection!
}
type OrderConnection { nodes: [Order!]! pageInfo: PageInfo! }
input RefundInput {
  orderId: ID! note: String processedAt: DateTime currency: CurrencyCode refundLineItems: [RefundLineItemInput!]
  transactions: [OrderTransactionInput!]
}
input RefundLineItemInput { lineItemId: ID! quantity: Int! locationId: ID restockType: RefundLineItemRestockType }
input OrderTransactionInput {
  amount: Money! gateway: String! kind: OrderTransactionKind! orderId: ID! parentId: ID
}
input OrderCancelRefundMethodInput { originalPaymentMethodsRefund: Boolean }
type Job { id: ID! done: Boolean! }
enum OrderCancelUserErrorCode { INVALID NOT_FOUND }
type OrderCancelUserError { code: OrderCancelUserErrorCode field: [String!] message: String! }
type OrderCancelPayload { job: Job orderCancelUserErrors: [OrderCancelUserError!]! }
input FulfillmentOrderLineItemsInput { fulfillmentOrderId: ID! }
input FulfillmentTrackingInput { company: String number: String url: URL }
input FulfillmentInput {
  lineItemsByFulfillmentOrder: [FulfillmentOrderLineItemsInput!]! notifyCustomer: Boolean = false
  trackingInfo: FulfillmentTrackingInput
}
type FulfillmentCreatePayload { fulfillment: Fulfillment userErrors: [UserError!]! }
type RefundCreatePayload { order: Order refund: Refund userErrors: [UserError!]! }
"""
