INSUFFICIENT_POINTS =
    { $required ->
        [one] المطلوب نقطة واحدة
        [two] المطلوب نقطتان
        [few] المطلوب { $required } نقاط
        [many] المطلوب { $required } نقطة
       *[other] المطلوب { $required } نقطة
    }، { $available ->
        [zero] وليس لديك أي نقطة.
        [one] ولديك نقطة واحدة.
        [two] ولديك نقطتان.
        [few] ولديك { $available } نقاط.
        [many] ولديك { $available } نقطة.
       *[other] ولديك { $available } نقطة.
    }

OUT_OF_STOCK =
    { $remaining ->
        [zero] لم يتبق شيء.
        [one] لم تتبق إلا قطعة واحدة.
        [two] لم تتبق إلا قطعتان.
        [few] لم تتبق إلا { $remaining } قطع.
        [many] لم تتبق إلا { $remaining } قطعة.
       *[other] لم تتبق إلا { $remaining } قطعة.
    }

LIMIT_REACHED =
    { $limit ->
        [one] يمكنك الحصول على هذا مرة واحدة فقط، وقد حصلت عليه.
        [two] يمكنك الحصول على هذا مرتين فقط، وقد حصلت عليه مرتين.
        [few] يمكنك الحصول على هذا { $limit } مرات فقط، وقد بلغت هذا الحد.
        [many] يمكنك الحصول على هذا { $limit } مرة فقط، وقد بلغت هذا الحد.
       *[other] يمكنك الحصول على هذا { $limit } مرة فقط، وقد بلغت هذا الحد.
    }

PRICE_CHANGED =
    { $price ->
        [one] السعر الآن نقطة واحدة.
        [two] السعر الآن نقطتان.
        [few] السعر الآن { $price } نقاط.
        [many] السعر الآن { $price } نقطة.
       *[other] السعر الآن { $price } نقطة.
    }

QUOTE_STALE =
    { $price ->
        [one] لقد تغير شيء: السعر الآن نقطة واحدة.
        [two] لقد تغير شيء: السعر الآن نقطتان.
        [few] لقد تغير شيء: السعر الآن { $price } نقاط.
        [many] لقد تغير شيء: السعر الآن { $price } نقطة.
       *[other] لقد تغير شيء: السعر الآن { $price } نقطة.
    } يرجى المراجعة مرة أخرى.

REWARD_UNAVAILABLE = هذه المكافأة غير متاحة حاليا.

REWARD_NOT_FOUND = هذه المكافأة غير موجودة.

REDEMPTION_NOT_FOUND = عملية الاستبدال هذه غير موجودة.

REDEMPTION_STATE = لم يعد ذلك ممكنا.

MEMBER_NOT_FOUND = هذا العضو غير موجود.

MEMBER_NOT_ACTIVE = هذه العضوية غير نشطة.

FULFILLMENT_REFUSED = رفضت هذه المكافأة: { $reason }

REVOCATION_REFUSED = لا يمكن إرجاع هذه المكافأة: { $reason }

IDENTIFIER_TAKEN = لدى عضو آخر هذا الرقم.

DUPLICATE_ACTIVITY = سبق الإبلاغ عن هذا.
