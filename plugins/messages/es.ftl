DiscountOfferEnded = Esta oferta ha terminado.
DonationCauseClosed = { $cause } ya no acepta donaciones.
ExperienceBookingClosed = Ya no se puede reservar para este evento.
ExperienceTooManyGuests =
    { $maximum_guests ->
        [0] No puedes traer invitados a este evento.
        [one] Puedes traer un invitado a este evento.
       *[other] Puedes traer { $maximum_guests } invitados a este evento.
    }
ExperienceTooYoung =
    { $minimum_age ->
        [one] Este evento es a partir de un año.
       *[other] Este evento es a partir de { $minimum_age } años.
    }
ExperienceAgeUnknown =
    { $minimum_age ->
        [one] Este evento es a partir de un año, y no sabemos tu edad.
       *[other] Este evento es a partir de { $minimum_age } años, y no sabemos tu edad.
    }
FreeShippingExpressNotOffered = No se ofrece envío exprés.
GiftCardValueNotOffered = No hay ninguna tarjeta de este valor.
