ProductDeliveryNotOffered = La livraison n’y est pas proposée.
ProductTooManyUnits =
    { $maximum_quantity ->
        [one] Vous pouvez en avoir { $maximum_quantity } à la fois.
       *[other] Vous pouvez en avoir { $maximum_quantity } à la fois.
    }
ProductNoneLeft = Il n’en reste plus.
