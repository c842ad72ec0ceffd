ProductDeliveryNotOffered = التوصيل إلى هناك غير متاح.
ProductTooManyUnits =
    { $maximum_quantity ->
        [one] يمكنك الحصول على قطعة واحدة في كل مرة.
        [two] يمكنك الحصول على قطعتين في كل مرة.
        [few] يمكنك الحصول على { $maximum_quantity } قطع في كل مرة.
        [many] يمكنك الحصول على { $maximum_quantity } قطعة في كل مرة.
       *[other] يمكنك الحصول على { $maximum_quantity } قطعة في كل مرة.
    }
ProductNoneLeft = لم يتبق شيء.
