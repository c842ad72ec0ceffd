DiscountOfferEnded = This offer has ended.
DonationCauseClosed = { $cause } takes no more donations.
ExperienceBookingClosed = Booking for this event has closed.
ExperienceTooManyGuests =
    { $maximum_guests ->
        [0] You cannot bring guests to this event.
        [one] You can bring one guest to this event.
       *[other] You can bring { $maximum_guests } guests to this event.
    }
ExperienceTooYoung =
    { $minimum_age ->
       *[other] This event is for people of { $minimum_age } years and more.
    }
ExperienceAgeUnknown =
    { $minimum_age ->
       *[other] This event is for people of { $minimum_age } years and more, and we do not know your age.
    }
FreeShippingExpressNotOffered = Express delivery is not offered.
GiftCardValueNotOffered = There is no card of this value.
