"""Every GraphQL document that this connector sends, as constants. API version 2026-07.

Each is validated against the vendor's published schema in the tests. Page sizes keep the calculated cost of one query under the
1,000 points that Shopify allows (shopify.dev/api/usage/limits): one point per object, a connection costs what `first` asks for.
"""

from __future__ import annotations

from typing import Final

API_VERSION: Final = "2026-07"

ADDRESSES: Final = 10
"""Addresses read with a customer; the rest is read in further pages."""
VARIANTS: Final = 40
"""Variants read with a product; the rest is read in further pages."""

ADDRESS: Final = """
fragment Address on MailingAddress {
  id firstName lastName company address1 address2 city provinceCode zip countryCodeV2 phone
}
"""

# `CustomerPhoneNumber.marketingState` is deprecated from 2026-10 in favour of `smsMarketingConsent`, which 2026-07 does not have
# (shopify.dev/changelog, "SMS marketing consent now available on the CustomerPhoneNumber object").
CUSTOMER: Final = f"""
fragment Customer on Customer {{
  id firstName lastName verifiedEmail note locale tags state createdAt updatedAt
  defaultEmailAddress {{ emailAddress marketingState marketingUpdatedAt }}
  defaultPhoneNumber {{ phoneNumber marketingState }}
  addressesV2(first: {ADDRESSES}) {{ nodes {{ ...Address }} pageInfo {{ hasNextPage endCursor }} }}
}}
{ADDRESS}"""

VARIANT: Final = """
fragment Variant on ProductVariant {
  id title sku barcode price compareAtPrice position createdAt updatedAt
  product { id }
  inventoryItem { id tracked }
}
"""

PRODUCT: Final = f"""
fragment Product on Product {{
  id title descriptionHtml handle vendor productType status tags createdAt updatedAt
  variants(first: {VARIANTS}) {{ nodes {{ ...Variant }} pageInfo {{ hasNextPage endCursor }} }}
}}
{VARIANT}"""

# `quantities` is asked for by name. on_hand = available + committed + the unavailable kinds; incoming is not on hand.
LEVEL: Final = """
fragment Level on InventoryLevel {
  id isActive createdAt updatedAt
  item { id sku tracked variants(first: 1) { nodes { id } } }
  location { id }
  quantities(names: ["available", "on_hand", "committed", "incoming", "reserved", "damaged", "safety_stock", "quality_control"]) {
    name quantity
  }
}
"""

LOCATION: Final = """
fragment Location on Location {
  id name isActive fulfillsOnlineOrders createdAt updatedAt
  address { address1 address2 city zip provinceCode countryCode phone }
}
"""

SHOP: Final = "query Shop { shop { name myshopifyDomain currencyCode } }"

CUSTOMERS: Final = f"""
query Customers($first: Int!, $after: String, $query: String) {{
  customers(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    nodes {{ ...Customer }} pageInfo {{ hasNextPage endCursor }}
  }}
}}
{CUSTOMER}"""

CUSTOMERS_BY_ID: Final = f"query CustomersById($ids: [ID!]!) {{ nodes(ids: $ids) {{ ...Customer }} }} {CUSTOMER}"

# A direct look-up, not the search index behind `customers(query:)`, which lags behind writes.
CUSTOMER_BY_IDENTIFIER: Final = f"""
query CustomerByIdentifier($identifier: CustomerIdentifierInput!) {{
  customerByIdentifier(identifier: $identifier) {{ ...Customer }}
}}
{CUSTOMER}"""

CUSTOMER_ADDRESSES: Final = f"""
query CustomerAddresses($id: ID!, $after: String) {{
  customer(id: $id) {{ addressesV2(first: 100, after: $after) {{ nodes {{ ...Address }} pageInfo {{ hasNextPage endCursor }} }} }}
}}
{ADDRESS}"""

CUSTOMER_CREATE: Final = f"""
mutation CustomerCreate($input: CustomerInput!) {{
  customerCreate(input: $input) {{ customer {{ ...Customer }} userErrors {{ field message }} }}
}}
{CUSTOMER}"""

CUSTOMER_UPDATE: Final = f"""
mutation CustomerUpdate($input: CustomerInput!) {{
  customerUpdate(input: $input) {{ customer {{ ...Customer }} userErrors {{ field message }} }}
}}
{CUSTOMER}"""

CUSTOMER_DELETE: Final = """
mutation CustomerDelete($input: CustomerDeleteInput!) {
  customerDelete(input: $input) { deletedCustomerId userErrors { field message } }
}
"""

EMAIL_CONSENT: Final = f"""
mutation EmailConsent($input: CustomerEmailMarketingConsentUpdateInput!) {{
  customerEmailMarketingConsentUpdate(input: $input) {{ customer {{ ...Customer }} userErrors {{ field message code }} }}
}}
{CUSTOMER}"""

SMS_CONSENT: Final = f"""
mutation SmsConsent($input: CustomerSmsMarketingConsentUpdateInput!) {{
  customerSmsMarketingConsentUpdate(input: $input) {{ customer {{ ...Customer }} userErrors {{ field message code }} }}
}}
{CUSTOMER}"""

ADDRESS_CREATE: Final = """
mutation AddressCreate($customerId: ID!, $address: MailingAddressInput!) {
  customerAddressCreate(customerId: $customerId, address: $address) { address { id } userErrors { field message } }
}
"""

ADDRESS_UPDATE: Final = """
mutation AddressUpdate($customerId: ID!, $addressId: ID!, $address: MailingAddressInput!) {
  customerAddressUpdate(customerId: $customerId, addressId: $addressId, address: $address) {
    address { id } userErrors { field message }
  }
}
"""

ADDRESS_DELETE: Final = """
mutation AddressDelete($customerId: ID!, $addressId: ID!) {
  customerAddressDelete(customerId: $customerId, addressId: $addressId) { deletedAddressId userErrors { field message } }
}
"""

PRODUCTS: Final = f"""
query Products($first: Int!, $after: String, $query: String) {{
  products(first: $first, after: $after, query: $query, sortKey: UPDATED_AT) {{
    nodes {{ ...Product }} pageInfo {{ hasNextPage endCursor }}
  }}
}}
{PRODUCT}"""

PRODUCTS_BY_ID: Final = f"query ProductsById($ids: [ID!]!) {{ nodes(ids: $ids) {{ ...Product }} }} {PRODUCT}"

PRODUCT_VARIANTS: Final = f"""
query ProductVariants($id: ID!, $after: String) {{
  product(id: $id) {{ variants(first: 100, after: $after) {{ nodes {{ ...Variant }} pageInfo {{ hasNextPage endCursor }} }} }}
}}
{VARIANT}"""

VARIANTS_PAGE: Final = f"""
query Variants($first: Int!, $after: String) {{
  productVariants(first: $first, after: $after, sortKey: ID) {{
    nodes {{ ...Variant }} pageInfo {{ hasNextPage endCursor }}
  }}
}}
{VARIANT}"""

VARIANTS_BY_ID: Final = f"query VariantsById($ids: [ID!]!) {{ nodes(ids: $ids) {{ ...Variant }} }} {VARIANT}"

PRODUCT_UPDATE: Final = f"""
mutation ProductUpdate($product: ProductUpdateInput!) {{
  productUpdate(product: $product) {{ product {{ ...Product }} userErrors {{ field message }} }}
}}
{PRODUCT}"""

VARIANTS_UPDATE: Final = f"""
mutation VariantsUpdate($productId: ID!, $variants: [ProductVariantsBulkInput!]!) {{
  productVariantsBulkUpdate(productId: $productId, variants: $variants) {{
    productVariants {{ ...Variant }} userErrors {{ field message code }}
  }}
}}
{VARIANT}"""

LOCATIONS: Final = f"""
query Locations($first: Int!, $after: String) {{
  locations(first: $first, after: $after, includeInactive: true, sortKey: ID) {{
    nodes {{ ...Location }} pageInfo {{ hasNextPage endCursor }}
  }}
}}
{LOCATION}"""

LOCATIONS_BY_ID: Final = f"query LocationsById($ids: [ID!]!) {{ nodes(ids: $ids) {{ ...Location }} }} {LOCATION}"

LOCATION_IDS: Final = """
query LocationIds($first: Int!, $after: String) {
  locations(first: $first, after: $after, includeInactive: true, sortKey: ID) { nodes { id } pageInfo { hasNextPage endCursor } }
}
"""

LEVELS: Final = f"""
query Levels($locationId: ID!, $first: Int!, $after: String, $query: String) {{
  location(id: $locationId) {{
    inventoryLevels(first: $first, after: $after, query: $query) {{ nodes {{ ...Level }} pageInfo {{ hasNextPage endCursor }} }}
  }}
}}
{LEVEL}"""

LEVEL_BY_PAIR: Final = f"""
query LevelByPair($itemId: ID!, $locationId: ID!) {{
  inventoryItem(id: $itemId) {{ inventoryLevel(locationId: $locationId) {{ ...Level }} }}
}}
{LEVEL}"""

# `quantityAfterChange` is null in recorded answers (2026-04), so the level itself is read in the same answer.
_GROUP: Final = """
      inventoryAdjustmentGroup {
        id createdAt reason referenceDocumentUri
        changes(quantityNames: ["available"]) {
          name delta quantityAfterChange
          item { inventoryLevel(locationId: $locationId) { ...Level } }
        }
      }
      userErrors { field message code }
"""

# The directive is required for inventory mutations from 2026-04 (shopify.dev/changelog/concurrency-protection-features).
ADJUST: Final = f"""
mutation Adjust($input: InventoryAdjustQuantitiesInput!, $key: String!, $locationId: ID!) {{
  inventoryAdjustQuantities(input: $input) @idempotent(key: $key) {{ {_GROUP} }}
}}
{LEVEL}"""

SET: Final = f"""
mutation Set($input: InventorySetQuantitiesInput!, $key: String!, $locationId: ID!) {{
  inventorySetQuantities(input: $input) @idempotent(key: $key) {{ {_GROUP} }}
}}
{LEVEL}"""
