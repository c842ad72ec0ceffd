ProductDeliveryNotOffered = Dorthin wird nicht geliefert.
ProductTooManyUnits =
    { $maximum_quantity ->
        [one] Du kannst nur ein Stück auf einmal haben.
       *[other] Du kannst höchstens { $maximum_quantity } Stück auf einmal haben.
    }
ProductNoneLeft = Es ist nichts mehr da.
