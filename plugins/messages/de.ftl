DiscountOfferEnded = Dieses Angebot ist beendet.
DonationCauseClosed = { $cause } nimmt keine Spenden mehr an.
ExperienceBookingClosed = Für diese Veranstaltung kann man nicht mehr buchen.
ExperienceTooManyGuests =
    { $maximum_guests ->
        [0] Zu dieser Veranstaltung kannst du keine Gäste mitbringen.
        [one] Zu dieser Veranstaltung kannst du einen Gast mitbringen.
       *[other] Zu dieser Veranstaltung kannst du { $maximum_guests } Gäste mitbringen.
    }
ExperienceTooYoung =
    { $minimum_age ->
        [one] Diese Veranstaltung ist ab einem Jahr.
       *[other] Diese Veranstaltung ist ab { $minimum_age } Jahren.
    }
ExperienceAgeUnknown =
    { $minimum_age ->
        [one] Diese Veranstaltung ist ab einem Jahr, und wir kennen dein Alter nicht.
       *[other] Diese Veranstaltung ist ab { $minimum_age } Jahren, und wir kennen dein Alter nicht.
    }
FreeShippingExpressNotOffered = Expressversand gibt es hier nicht.
GiftCardValueNotOffered = Eine Karte mit diesem Wert gibt es nicht.
