INSUFFICIENT_POINTS =
    { $required ->
        [one] Dafür ist ein Punkt nötig
       *[other] Dafür sind { $required } Punkte nötig
    }, { $available ->
        [0] und du hast keinen.
        [one] und du hast einen.
       *[other] und du hast { $available }.
    }

OUT_OF_STOCK =
    { $remaining ->
        [0] Es ist nichts mehr da.
        [one] Es ist nur noch ein Stück da.
       *[other] Es sind nur noch { $remaining } Stück da.
    }

LIMIT_REACHED =
    { $limit ->
        [one] Das gibt es nur einmal, und du hattest es schon.
       *[other] Das gibt es { $limit }-mal, und so oft hattest du es schon.
    }

PRICE_CHANGED =
    { $price ->
        [one] Das kostet jetzt einen Punkt.
       *[other] Das kostet jetzt { $price } Punkte.
    }

QUOTE_STALE =
    { $price ->
        [one] Etwas hat sich geändert: Das kostet jetzt einen Punkt.
       *[other] Etwas hat sich geändert: Das kostet jetzt { $price } Punkte.
    } Bitte sieh es dir noch einmal an.

REWARD_UNAVAILABLE = Diese Prämie gibt es zurzeit nicht.

REWARD_NOT_FOUND = Diese Prämie gibt es nicht.

REDEMPTION_NOT_FOUND = Diese Einlösung gibt es nicht.

REDEMPTION_STATE = Das ist nicht mehr möglich.

MEMBER_NOT_FOUND = Dieses Mitglied gibt es nicht.

MEMBER_NOT_ACTIVE = Diese Mitgliedschaft ist nicht aktiv.

FULFILLMENT_REFUSED = Diese Prämie wurde abgelehnt: { $reason }

REVOCATION_REFUSED = Diese Prämie kann nicht zurückgenommen werden: { $reason }

IDENTIFIER_TAKEN = Ein anderes Mitglied hat diese Nummer.

DUPLICATE_ACTIVITY = Das wurde schon gemeldet.
