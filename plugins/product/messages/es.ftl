ProductDeliveryNotOffered = No se entrega allí.
ProductTooManyUnits =
    { $maximum_quantity ->
        [one] Puedes tener uno a la vez.
       *[other] Puedes tener { $maximum_quantity } a la vez.
    }
ProductNoneLeft = No queda ninguno.
