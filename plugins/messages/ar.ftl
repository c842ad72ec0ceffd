DiscountOfferEnded = انتهى هذا العرض.
DonationCauseClosed = لم يعد { $cause } يقبل التبرعات.
ExperienceBookingClosed = أغلق باب الحجز لهذه الفعالية.
ExperienceTooManyGuests =
    { $maximum_guests ->
        [zero] لا يمكنك إحضار ضيوف إلى هذه الفعالية.
        [one] يمكنك إحضار ضيف واحد إلى هذه الفعالية.
        [two] يمكنك إحضار ضيفين إلى هذه الفعالية.
        [few] يمكنك إحضار { $maximum_guests } ضيوف إلى هذه الفعالية.
        [many] يمكنك إحضار { $maximum_guests } ضيفا إلى هذه الفعالية.
       *[other] يمكنك إحضار { $maximum_guests } ضيف إلى هذه الفعالية.
    }
ExperienceTooYoung =
    { $minimum_age ->
        [few] هذه الفعالية لمن عمره { $minimum_age } سنوات فأكثر.
       *[other] هذه الفعالية لمن عمره { $minimum_age } سنة فأكثر.
    }
ExperienceAgeUnknown =
    { $minimum_age ->
        [few] هذه الفعالية لمن عمره { $minimum_age } سنوات فأكثر، ونحن لا نعرف عمرك.
       *[other] هذه الفعالية لمن عمره { $minimum_age } سنة فأكثر، ونحن لا نعرف عمرك.
    }
FreeShippingExpressNotOffered = التوصيل السريع غير متاح.
GiftCardValueNotOffered = لا توجد بطاقة بهذه القيمة.
