INSUFFICIENT_POINTS =
    { $required ->
        [one] Il faut { $required } point
       *[other] Il faut { $required } points
    }, { $available ->
        [0] et vous n’en avez aucun.
       *[other] et vous en avez { $available }.
    }

OUT_OF_STOCK =
    { $remaining ->
        [0] Il n’en reste plus.
        [one] Il n’en reste qu’un seul.
       *[other] Il n’en reste que { $remaining }.
    }

LIMIT_REACHED =
    { $limit ->
        [one] Cette récompense est limitée à une seule fois, et vous l’avez déjà eue.
       *[other] Cette récompense est limitée à { $limit } fois, et vous l’avez déjà eue autant de fois.
    }

PRICE_CHANGED =
    { $price ->
        [one] Cela coûte maintenant { $price } point.
       *[other] Cela coûte maintenant { $price } points.
    }

QUOTE_STALE =
    { $price ->
        [one] Quelque chose a changé : cela coûte maintenant { $price } point.
       *[other] Quelque chose a changé : cela coûte maintenant { $price } points.
    } Veuillez vérifier encore une fois.

REWARD_UNAVAILABLE = Cette récompense n’est pas disponible pour le moment.

REWARD_NOT_FOUND = Cette récompense n’existe pas.

REDEMPTION_NOT_FOUND = Cet échange n’existe pas.

REDEMPTION_STATE = Ce n’est plus possible.

MEMBER_NOT_FOUND = Ce membre n’existe pas.

MEMBER_NOT_ACTIVE = Cette adhésion n’est pas active.

FULFILLMENT_REFUSED = Cette récompense a été refusée : { $reason }

REVOCATION_REFUSED = Cette récompense ne peut pas être reprise : { $reason }

IDENTIFIER_TAKEN = Un autre membre a ce numéro.

DUPLICATE_ACTIVITY = Cela a déjà été signalé.
