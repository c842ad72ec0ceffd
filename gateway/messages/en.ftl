# Messages for members. Names of messages are codes of errors, and never change.

INSUFFICIENT_POINTS =
    { $required ->
        [one] One point is needed
       *[other] { $required } points are needed
    }, { $available ->
        [0] and you have none.
        [one] and you have one.
       *[other] and you have { $available }.
    }

OUT_OF_STOCK =
    { $remaining ->
        [0] None is left.
        [one] Only one is left.
       *[other] Only { $remaining } are left.
    }

LIMIT_REACHED =
    { $limit ->
        [one] You can have this once only, and have had it.
       *[other] You can have this { $limit } times, and have had it as often.
    }

PRICE_CHANGED =
    { $price ->
        [one] This costs one point now.
       *[other] This costs { $price } points now.
    }

QUOTE_STALE =
    { $price ->
        [one] Something has changed: this costs one point now.
       *[other] Something has changed: this costs { $price } points now.
    } Look at it once more, please.

REWARD_UNAVAILABLE = This reward is not available at present.

REWARD_NOT_FOUND = There is no such reward.

REDEMPTION_NOT_FOUND = There is no such redemption.

REDEMPTION_STATE = That is not possible any more.

MEMBER_NOT_FOUND = There is no such member.

MEMBER_NOT_ACTIVE = This membership is not active.

FULFILLMENT_REFUSED = This reward was refused: { $reason }

REVOCATION_REFUSED = This reward cannot be taken back: { $reason }

IDENTIFIER_TAKEN = Another member has this number.

DUPLICATE_ACTIVITY = This was reported before.
