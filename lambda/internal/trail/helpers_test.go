package trail

func basic(selectors ...Selector) State {
	return State{ARN: arn, Selectors: selectors}
}

func advanced(selectors ...[]FieldSelector) State {
	s := State{ARN: arn}
	for _, fields := range selectors {
		s.Advanced = append(s.Advanced, AdvancedSelector{Fields: fields})
	}
	return s
}

func eq(field string, values ...string) FieldSelector {
	return FieldSelector{Field: field, Equals: values}
}

func ne(field string, values ...string) FieldSelector {
	return FieldSelector{Field: field, NotEquals: values}
}

func starts(field string, values ...string) FieldSelector {
	return FieldSelector{Field: field, StartsWith: values}
}

func management(fields ...FieldSelector) []FieldSelector {
	return append([]FieldSelector{eq("eventCategory", "Management")}, fields...)
}

func data(resource string, fields ...FieldSelector) []FieldSelector {
	return append([]FieldSelector{eq("eventCategory", "Data"), eq("resources.type", resource)}, fields...)
}

func s3(values ...string) []DataResource {
	return []DataResource{{Type: "AWS::S3::Object", Values: values}}
}

const (
	kms      = "kms.amazonaws.com"
	rdsdata  = "rdsdata.amazonaws.com"
	object   = "AWS::S3::Object"
	function = "AWS::Lambda::Function"
	table    = "AWS::DynamoDB::Table"
	mallory  = "arn:aws:iam::111122223333:user/mallory"
)

// all is a trail as it is made.
var all = basic(Selector{ReadWrite: "All", Management: true})
