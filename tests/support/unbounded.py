"""Settings of worlds whose users, all on the free plan, call anybody; with administrators who have
one factor."""

UNBOUNDED = {
    "SMS__ASK_FIRST": "false",
    "AUTH__ADMIN_AAL": "1",
    "CONTACTS__FREE_PLAN": "anyone", "CONTACTS__PAID_PLANS": "anyone",
    "CALLS__AT_ONCE_PER_USER": "100000", "CALLS__PER_NUMBER_PER_HOUR": "100000",
    "CALLS__PER_BLOCK_PER_HOUR": "100000", "CALLS__PER_USER_PER_HOUR": "100000",
    "CALLS__PER_USER_PER_DAY": "100000", "SMS__PER_USER_PER_HOUR": "100000",
    "SMS__PER_USER_PER_DAY": "100000", "EMAIL__PER_USER_PER_HOUR": "100000",
    "EMAIL__PER_USER_PER_DAY": "100000",
}  # fmt: skip
AT_ANY_HOUR = {"SMS__FIRST_HOUR": "0", "SMS__LAST_HOUR": "24", "SMS__SUNDAY_FIRST_HOUR": "0"}
