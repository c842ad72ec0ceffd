INSUFFICIENT_POINTS =
    { $required ->
        [one] Hace falta un punto
       *[other] Hacen falta { $required } puntos
    }, { $available ->
        [0] y no tienes ninguno.
        [one] y tienes uno.
       *[other] y tienes { $available }.
    }

OUT_OF_STOCK =
    { $remaining ->
        [0] No queda ninguno.
        [one] Solo queda uno.
       *[other] Solo quedan { $remaining }.
    }

LIMIT_REACHED =
    { $limit ->
        [one] Solo se puede tener una vez, y ya lo has tenido.
       *[other] Se puede tener { $limit } veces, y ya lo has tenido tantas veces.
    }

PRICE_CHANGED =
    { $price ->
        [one] Ahora cuesta un punto.
       *[other] Ahora cuesta { $price } puntos.
    }

QUOTE_STALE =
    { $price ->
        [one] Algo ha cambiado: ahora cuesta un punto.
       *[other] Algo ha cambiado: ahora cuesta { $price } puntos.
    } Compruébalo otra vez, por favor.

REWARD_UNAVAILABLE = Esta recompensa no está disponible por el momento.

REWARD_NOT_FOUND = Esta recompensa no existe.

REDEMPTION_NOT_FOUND = Este canje no existe.

REDEMPTION_STATE = Ya no es posible.

MEMBER_NOT_FOUND = Este miembro no existe.

MEMBER_NOT_ACTIVE = Esta cuenta de miembro no está activa.

FULFILLMENT_REFUSED = Esta recompensa fue rechazada: { $reason }

REVOCATION_REFUSED = Esta recompensa no se puede devolver: { $reason }

IDENTIFIER_TAKEN = Otro miembro tiene este número.

DUPLICATE_ACTIVITY = Esto ya se había registrado.
