"""The keys of Stripe's documents, written down by hand from the examples it publishes
(github.com/stripe/openapi, `openapi/fixtures3.*.json`).

The examples fill in every part a document may have. Parts that are null here unless they are used
are only named. `source`, `subscription` of an invoice and the like are left out where later
versions of the API dropped them.
"""

ADDRESS = "city country line1 line2 postal_code state"

KEYS = {
    "billing_portal.configuration": (
        "active application business_profile created default_return_url features id is_default "
        "livemode login_page metadata name object updated"
    ),
    "billing_portal.session": (
        "configuration created customer customer_account flow id livemode locale object "
        "on_behalf_of return_url url"
    ),
    "charge": (
        "amount amount_captured amount_refunded application application_fee "
        "application_fee_amount balance_transaction billing_details "
        "calculated_statement_descriptor captured created currency customer description disputed "
        "failure_balance_transaction failure_code failure_message fraud_details id livemode "
        "metadata object on_behalf_of outcome paid payment_intent payment_method "
        "payment_method_details receipt_email receipt_number receipt_url refunded review shipping "
        "source source_transfer statement_descriptor statement_descriptor_suffix status "
        "transfer_data transfer_group"
    ),
    "checkout.session": (
        "adaptive_pricing after_expiration allow_promotion_codes amount_subtotal amount_total "
        "automatic_tax billing_address_collection cancel_url client_reference_id client_secret "
        "collected_information consent consent_collection created currency currency_conversion "
        "custom_fields custom_text customer customer_account customer_creation customer_details "
        "customer_email discounts expires_at id invoice invoice_creation livemode locale metadata "
        "mode object origin_context payment_intent payment_link payment_method_collection "
        "payment_method_configuration_details payment_method_options payment_method_types "
        "payment_status permissions phone_number_collection recovered_from "
        "saved_payment_method_options setup_intent shipping_address_collection shipping_cost "
        "shipping_options status submit_type subscription success_url total_details ui_mode url "
        "wallet_options"
    ),
    "customer": (
        "address balance created currency default_source delinquent description discount email id "
        "invoice_prefix invoice_settings livemode metadata name next_invoice_sequence object "
        "phone preferred_locales shipping tax_exempt test_clock"
    ),
    "event": "api_version created data id livemode object pending_webhooks request type",
    "invoice": (
        "account_country account_name account_tax_ids amount_due amount_overpaid amount_paid "
        "amount_remaining amount_shipping application attempt_count attempted auto_advance "
        "automatic_tax automatically_finalizes_at billing_reason collection_method created "
        "currency custom_fields customer customer_account customer_address customer_email "
        "customer_name customer_phone customer_shipping customer_tax_exempt customer_tax_ids "
        "default_payment_method default_source default_tax_rates description discounts due_date "
        "effective_at ending_balance footer from_invoice hosted_invoice_url id invoice_pdf issuer "
        "last_finalization_error latest_revision lines livemode metadata next_payment_attempt "
        "number object on_behalf_of parent payment_settings period_end period_start "
        "post_payment_credit_notes_amount pre_payment_credit_notes_amount receipt_number "
        "rendering shipping_cost shipping_details starting_balance statement_descriptor status "
        "status_transitions subtotal subtotal_excluding_tax test_clock total "
        "total_discount_amounts total_excluding_tax total_pretax_credit_amounts total_taxes "
        "webhooks_delivered_at"
    ),
    "invoiceitem": (
        "amount currency customer customer_account date description discountable discounts id "
        "invoice livemode metadata net_amount object parent period pricing proration quantity "
        "tax_rates test_clock"
    ),
    "item": (
        "amount_discount amount_subtotal amount_tax amount_total currency description id object "
        "price quantity"
    ),
    "line_item": (
        "amount currency description discount_amounts discountable discounts id invoice livemode "
        "metadata object parent period pretax_credit_amounts pricing quantity subscription "
        "subtotal taxes"
    ),
    "payment_intent": (
        "amount amount_capturable amount_details amount_received application "
        "application_fee_amount automatic_payment_methods canceled_at cancellation_reason "
        "capture_method client_secret confirmation_method created currency customer "
        "customer_account description excluded_payment_method_types id last_payment_error "
        "latest_charge livemode metadata next_action object on_behalf_of payment_method "
        "payment_method_configuration_details payment_method_options payment_method_types "
        "processing receipt_email review setup_future_usage shipping source statement_descriptor "
        "statement_descriptor_suffix status transfer_data transfer_group"
    ),
    "payment_method": (
        "billing_details card created customer customer_account id livemode metadata object type"
    ),
    "plan": (
        "active amount amount_decimal billing_scheme created currency id interval interval_count "
        "livemode metadata meter nickname object product tiers_mode transform_usage "
        "trial_period_days usage_type"
    ),
    "price": (
        "active billing_scheme created currency custom_unit_amount id livemode lookup_key metadata "
        "nickname object product recurring tax_behavior tiers_mode transform_quantity type "
        "unit_amount unit_amount_decimal"
    ),
    "product": (
        "active created default_price description id images livemode marketing_features metadata "
        "name object package_dimensions shippable statement_descriptor tax_code type unit_label "
        "updated url"
    ),
    "refund": (
        "amount balance_transaction charge created currency id metadata object payment_intent "
        "reason receipt_number source_transfer_reversal status transfer_reversal"
    ),
    "setup_intent": (
        "application automatic_payment_methods cancellation_reason client_secret created customer "
        "description excluded_payment_method_types flow_directions id last_setup_error "
        "latest_attempt livemode mandate metadata next_action object on_behalf_of payment_method "
        "payment_method_configuration_details payment_method_options payment_method_types "
        "single_use_mandate status usage"
    ),
    "subscription": (
        "application application_fee_percent automatic_tax billing_cycle_anchor "
        "billing_cycle_anchor_config billing_mode billing_schedules billing_thresholds cancel_at "
        "cancel_at_period_end canceled_at cancellation_details collection_method created currency "
        "customer customer_account days_until_due default_payment_method default_source "
        "default_tax_rates description discounts ended_at id invoice_settings items "
        "latest_invoice livemode metadata next_pending_invoice_item_invoice object on_behalf_of "
        "pause_collection payment_settings pending_invoice_item_interval pending_setup_intent "
        "pending_update schedule start_date status test_clock transfer_data trial_end "
        "trial_settings trial_start"
    ),
    "subscription_item": (
        "billed_until billing_thresholds created current_period_end current_period_start "
        "discounts id metadata object plan price quantity subscription tax_rates"
    ),
    "subscription_schedule": (
        "application billing_mode canceled_at completed_at created current_phase customer "
        "customer_account default_settings end_behavior id livemode metadata object phases "
        "released_at released_subscription status subscription test_clock"
    ),
    "test_helpers.test_clock": (
        "created deletes_after frozen_time id livemode name object status status_details"
    ),
    "webhook_endpoint": (
        "api_version application created description enabled_events id livemode metadata object "
        "status url"
    ),
}

# What hangs below, by the way down from a document.
BELOW = {
    "billing_portal.configuration features": (
        "customer_update invoice_history payment_method_update subscription_cancel "
        "subscription_update"
    ),
    "billing_portal.configuration features subscription_cancel": (
        "cancellation_reason enabled mode proration_behavior"
    ),
    "billing_portal.configuration features subscription_update": (
        "billing_cycle_anchor default_allowed_updates enabled proration_behavior "
        "schedule_at_period_end trial_update_behavior"
    ),
    "charge billing_details": "address email name phone tax_id",
    "charge outcome": (
        "advice_code network_advice_code network_decline_code network_status reason "
        "seller_message type"
    ),
    "charge payment_method_details card": (
        "amount_authorized authorization_code brand checks country exp_month exp_year fingerprint "
        "funding installments last4 mandate network network_transaction_id regulated_status "
        "three_d_secure wallet"
    ),
    "checkout.session automatic_tax": "enabled liability provider status",
    "checkout.session customer_details": (
        "address business_name email individual_name name phone tax_exempt tax_ids"
    ),
    "checkout.session total_details": "amount_discount amount_shipping amount_tax",
    "customer invoice_settings": ("custom_fields default_payment_method footer rendering_options"),
    "event request": "id idempotency_key",
    "invoice automatic_tax": "disabled_reason enabled liability provider status",
    "invoice parent": "quote_details subscription_details type",
    "invoice parent subscription_details": "metadata subscription",
    "invoice payment_settings": "default_mandate payment_method_options payment_method_types",
    "invoice status_transitions": "finalized_at marked_uncollectible_at paid_at voided_at",
    "line_item parent": "invoice_item_details subscription_item_details type",
    "line_item parent subscription_item_details": (
        "invoice_item proration proration_details subscription subscription_item"
    ),
    "line_item period": "end start",
    "line_item pricing": "type unit_amount_decimal",
    "payment_method billing_details": "address email name phone tax_id",
    "payment_method billing_details address": ADDRESS,
    "payment_method card": (
        "brand checks country display_brand exp_month exp_year fingerprint funding generated_from "
        "last4 networks regulated_status three_d_secure_usage wallet"
    ),
    "price recurring": "interval interval_count meter trial_period_days usage_type",
    "subscription automatic_tax": "disabled_reason enabled liability",
    "subscription billing_cycle_anchor_config": "day_of_month hour minute month second",
    "subscription cancellation_details": "comment feedback reason",
    "subscription invoice_settings": "account_tax_ids issuer",
    "subscription payment_settings": (
        "payment_method_options payment_method_types save_default_payment_method"
    ),
    "subscription pending_update": (
        "billing_cycle_anchor expires_at subscription_items trial_end trial_from_plan"
    ),
    "subscription trial_settings end_behavior": "missing_payment_method",
    "subscription_schedule current_phase": "end_date start_date",
    "subscription_schedule default_settings": (
        "application_fee_percent automatic_tax billing_cycle_anchor billing_thresholds "
        "collection_method default_payment_method description invoice_settings on_behalf_of "
        "transfer_data"
    ),
    "subscription_schedule phases": (
        "add_invoice_items application_fee_percent billing_cycle_anchor billing_thresholds "
        "collection_method currency default_payment_method default_tax_rates description "
        "discounts end_date invoice_settings items metadata on_behalf_of proration_behavior "
        "start_date transfer_data trial_end"
    ),
    "subscription_schedule phases items": (
        "billing_thresholds discounts metadata plan price quantity tax_rates"
    ),
}
