package read

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"slices"
	"strings"
)

// The lists in which get-query-results has a list of columns for each row: of CloudTrail Lake, and of Logs Insights.
const (
	queryRows    = "QueryResultRows"
	insightsRows = "results"
)

// written are the keys as CloudTrail writes them, which Athena and Glue have in small letters (Athena User Guide,
// "Query AWS CloudTrail logs"). Only a key that is in small letters whole is taken for one of them, and only in a row.
var written = byLower(`
	eventVersion userIdentity eventTime eventSource eventName awsRegion sourceIPAddress userAgent errorCode errorMessage
	requestParameters responseElements additionalEventData requestID eventID readOnly eventType apiVersion
	managementEvent recipientAccountId sharedEventID vpcEndpointId vpcEndpointAccountId eventCategory serviceEventDetails
	insightDetails addendum sessionCredentialFromConsole tlsDetails edgeDeviceDetails annotation
	principalId accountId accessKeyId userName sessionContext sessionIssuer webIdFederationData federatedProvider
	creationDate mfaAuthenticated sourceIdentity ec2RoleDelivery assumedRoot invokedBy identityProvider onBehalfOf userId
	identityStoreArn credentialId inScopeOf ec2IssuedInVpc tlsVersion cipherSuite clientProvidedHostHeader ARN
	trailName trailARN kmsKeyId s3BucketName s3KeyPrefix snsTopicName snsTopicARN includeGlobalServiceEvents
	isMultiRegionTrail isOrganizationTrail enableLogFileValidation logFileValidationEnabled cloudWatchLogsLogGroupArn
	cloudWatchLogsRoleArn eventSelectors advancedEventSelectors readWriteType includeManagementEvents dataResources
	excludeManagementEventSources fieldSelectors startsWith endsWith notEquals notStartsWith notEndsWith
	insightSelectors insightType resourceId resourceIdList tagsList MFAUsed LoginTo MobileVersion`)

func byLower(keys string) map[string]string {
	all := map[string]string{}
	for key := range strings.FieldsSeq(keys) {
		all[strings.ToLower(key)] = key
	}
	delete(all, "arn") // of userIdentity it is written so
	return all
}

// inText are the columns that are text with JSON in it.
var inText = map[string]bool{
	"requestParameters":   true,
	"responseElements":    true,
	"additionalEventData": true,
	"serviceEventDetails": true,
	"userIdentity":        true,
	"insightDetails":      true,
	"tlsDetails":          true,
}

// columns are those of a row, or what is in one of them. A key that is there twice has both values, as package events
// reads them: which of the two counts is decided there, for a row as for a record.
type columns []column

type column struct {
	key   string
	value any
}

// readRow makes the record that a row of a query holds.
func readRow(o object) (content, error) {
	row, _ := decoded(o.raw).(columns)
	return content{records: one(recordOf(row))}, nil
}

func recordOf(row columns) []byte { return appendJSON(nil, asWritten(row, true)) }

// decoded reads JSON that was checked.
func decoded(raw []byte) any {
	dec := json.NewDecoder(bytes.NewReader(raw))
	dec.UseNumber()
	return decodedNext(dec)
}

func decodedNext(dec *json.Decoder) any {
	token, _ := dec.Token()
	switch token {
	case json.Delim('{'):
		all := columns{}
		for dec.More() {
			key, _ := dec.Token()
			name, _ := key.(string)
			all = append(all, column{name, decodedNext(dec)})
		}
		_, _ = dec.Token()
		return all
	case json.Delim('['):
		list := []any{}
		for dec.More() {
			list = append(list, decodedNext(dec))
		}
		_, _ = dec.Token()
		return list
	}
	return token
}

// appendJSON writes what decoded read. Encoding/json would look at each level once for every level around it.
func appendJSON(to []byte, value any) []byte {
	switch v := value.(type) {
	case columns:
		to = append(to, '{')
		for i, c := range v {
			if i > 0 {
				to = append(to, ',')
			}
			to = append(appendJSON(to, c.key), ':')
			to = appendJSON(to, c.value)
		}
		return append(to, '}')
	case []any:
		to = append(to, '[')
		for i, one := range v {
			if i > 0 {
				to = append(to, ',')
			}
			to = appendJSON(to, one)
		}
		return append(to, ']')
	}
	b, err := json.Marshal(value)
	if err != nil { // no scalar and no text that was checked has one
		return append(to, "null"...)
	}
	return append(to, b...)
}

// asWritten gives an object its keys back, in their order. A column without a value is null, where CloudTrail leaves
// the field out.
func asWritten(row columns, top bool) columns {
	record := columns{}
	for _, c := range row {
		if original, ok := written[c.key]; ok {
			c.key = original
		}
		if text, ok := c.value.(string); ok && top && inText[c.key] {
			c.value = fromText(text)
		} else {
			c.value = rewritten(c.value)
		}
		if c.value != nil {
			record = append(record, c)
		}
	}
	slices.SortStableFunc(record, func(a, b column) int { return strings.Compare(a.key, b.key) })
	return record
}

func rewritten(value any) any {
	switch v := value.(type) {
	case columns:
		return asWritten(v, false)
	case []any:
		for i := range v {
			v[i] = rewritten(v[i])
		}
	}
	return value
}

// fromText reads a column that is text: JSON as CloudTrail wrote it, or a struct of Lake, such as {type=Root, arn=x}.
func fromText(text string) any {
	switch {
	case text == "null":
		return nil
	case strings.Count(text, "=") > maxFields && !json.Valid([]byte(text)):
		return text
	case json.Valid([]byte(text)):
		return json.RawMessage(text)
	case strings.HasPrefix(text, "{") && strings.HasSuffix(text, "}"):
		fields, _ := structOf(text[1:], 0)
		return asWritten(fields, false)
	}
	return text
}

// maxFields bounds the fields of a struct of Lake, with those of the structs in it.
const maxFields = 10_000

// structOf reads the fields of a struct of Lake, and returns what follows its closing brace.
func structOf(text string, depth int) (fields columns, rest string) {
	fields = columns{}
	for text != "" && depth < maxLists {
		key, value, ok := strings.Cut(text, "=")
		if !ok {
			return fields, ""
		}
		if strings.HasPrefix(value, "{") {
			var inner columns
			inner, text = structOf(value[1:], depth+1)
			fields = append(fields, column{key, inner})
		} else {
			end := fieldEnd(value)
			if v := value[:end]; v != "null" {
				fields = append(fields, column{key, v})
			}
			text = value[end:]
		}
		if after, ok := strings.CutPrefix(text, ", "); ok {
			text = after
			continue
		}
		return fields, strings.TrimPrefix(text, "}")
	}
	return fields, ""
}

// fieldEnd is where the text of a field ends: no name in CloudTrail has a comma before a space, or a brace.
func fieldEnd(text string) int {
	end := len(text)
	for _, mark := range []string{", ", "}"} {
		if at := strings.Index(text[:end], mark); at >= 0 {
			end = at
		}
	}
	return end
}

// rowOf reads a list of columns. One of Lake is an object with its name as key, one of Logs Insights has field and
// value.
func rowOf(raw []byte) (content, error) {
	list, ok := decoded(raw).([]any)
	if !ok {
		return content{}, errNoRow
	}
	var row columns
	for _, one := range list {
		cells, ok := one.(columns)
		if !ok {
			return content{}, errNoRow
		}
		if name, ok := cells.get("field").(string); ok {
			cells = columns{{name, cells.get("value")}}
		}
		row = append(row, cells...)
	}
	for _, path := range []string{"eventJson", "@message"} {
		if whole, ok := row.get(path).(string); ok {
			return content{via: path, text: whole}, nil
		}
	}
	return content{records: one(recordOf(row))}, nil
}

var errNoRow = errors.New("a row that is no list of columns")

// get is the first value of a key, and nil where there is none.
func (row columns) get(key string) any {
	for _, c := range row {
		if c.key == key {
			return c.value
		}
	}
	return nil
}

// maxColumn is Glue's for the name of a column (AWS Glue API Reference, "Column").
const maxColumn = 255

// readAthena reads what get-query-results of Athena answers: the first row has the names of the columns.
func readAthena(o object) (content, error) {
	const path = "ResultSet.Rows"
	var rows []struct {
		Data []struct{ VarCharValue any }
	}
	if err := json.Unmarshal(o.get(path), &rows); err != nil || len(rows) < 2 {
		return content{}, errors.New("a result of Athena without rows")
	}
	var names []string
	for _, cell := range rows[0].Data {
		name := fmt.Sprint(cell.VarCharValue)
		if len(name) > maxColumn {
			return content{}, fmt.Errorf("a result of Athena with a column %.40q of %d bytes; want %d at most", name, len(name),
				maxColumn)
		}
		names = append(names, name)
	}
	return content{via: path, records: func(yield func([]byte) bool) {
		for _, row := range rows[1:] {
			var cells columns
			for i, cell := range row.Data[:min(len(row.Data), len(names))] {
				cells = append(cells, column{names[i], cell.VarCharValue})
			}
			if !yield(recordOf(cells)) {
				return
			}
		}
	}}, nil
}
