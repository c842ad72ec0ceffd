ProductDeliveryNotOffered = It is not delivered there.
ProductTooManyUnits =
    { $maximum_quantity ->
        [one] You can have one at a time.
       *[other] You can have { $maximum_quantity } at a time.
    }
ProductNoneLeft = None is left.
