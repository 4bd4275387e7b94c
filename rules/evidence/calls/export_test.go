package calls

// AllUnseen are the calls of the catalogue that are not in the list, and why.
var AllUnseen = unseen
