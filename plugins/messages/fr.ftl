DiscountOfferEnded = Cette offre est terminée.
DonationCauseClosed = { $cause } n’accepte plus de dons.
ExperienceBookingClosed = Les réservations pour cet événement sont closes.
ExperienceTooManyGuests =
    { $maximum_guests ->
        [0] Vous ne pouvez pas amener d’invités à cet événement.
        [one] Vous pouvez amener un invité à cet événement.
       *[other] Vous pouvez amener { $maximum_guests } invités à cet événement.
    }
ExperienceTooYoung =
    { $minimum_age ->
        [one] Cet événement est ouvert à partir de { $minimum_age } an.
       *[other] Cet événement est ouvert à partir de { $minimum_age } ans.
    }
ExperienceAgeUnknown =
    { $minimum_age ->
        [one] Cet événement est ouvert à partir de { $minimum_age } an, et nous ne connaissons pas votre âge.
       *[other] Cet événement est ouvert à partir de { $minimum_age } ans, et nous ne connaissons pas votre âge.
    }
FreeShippingExpressNotOffered = La livraison express n’est pas proposée.
GiftCardValueNotOffered = Il n’y a pas de carte de cette valeur.
