package events

// Head is what of a record tells who may be concerned by it, as it is read without decoding: texts of ASCII, nil where
// there is none.
type Head struct {
	EventName, EventSource, IdentityType []byte // the last is userIdentity.type
	EventTime, Account, Region           []byte // eventTime, recipientAccountId, awsRegion
	ErrorCode                            []byte
	Failed                               bool // it has an errorCode
}
