package read

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
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

// readRow makes the record that a row of a query holds.
func readRow(o object) (content, error) {
	dec := json.NewDecoder(bytes.NewReader(o.raw))
	dec.UseNumber()
	var columns map[string]any
	if err := dec.Decode(&columns); err != nil {
		return content{}, fmt.Errorf("a row: %w", err)
	}
	record, err := recordOf(columns)
	return content{records: [][]byte{record}}, err
}

func recordOf(columns map[string]any) ([]byte, error) {
	record, err := json.Marshal(asWritten(columns, true))
	if err != nil {
		return nil, fmt.Errorf("a row: %w", err)
	}
	return record, nil
}

// asWritten gives an object its keys back. A column without a value is null, where CloudTrail leaves the field out.
func asWritten(row map[string]any, top bool) map[string]any {
	record := map[string]any{}
	for key, value := range row {
		if original, ok := written[key]; ok {
			key = original
		}
		if text, ok := value.(string); ok && top && inText[key] {
			value = fromText(text)
		} else {
			value = rewritten(value)
		}
		if value != nil {
			record[key] = value
		}
	}
	return record
}

func rewritten(value any) any {
	switch v := value.(type) {
	case map[string]any:
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
	case json.Valid([]byte(text)):
		return json.RawMessage(text)
	case strings.HasPrefix(text, "{") && strings.HasSuffix(text, "}"):
		fields, _ := structOf(text[1:], 0)
		return asWritten(fields, false)
	}
	return text
}

// structOf reads the fields of a struct of Lake, and returns what follows its closing brace.
func structOf(text string, depth int) (fields map[string]any, rest string) {
	fields = map[string]any{}
	for text != "" && depth < maxLists {
		key, value, ok := strings.Cut(text, "=")
		if !ok {
			return fields, ""
		}
		if strings.HasPrefix(value, "{") {
			fields[key], text = structOf(value[1:], depth+1)
		} else {
			end := fieldEnd(value)
			if v := value[:end]; v != "null" {
				fields[key] = v
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
	var row []map[string]any
	if err := json.Unmarshal(raw, &row); err != nil {
		return content{}, errors.New("a row that is no list of columns")
	}
	columns := map[string]any{}
	for _, column := range row {
		if name, ok := column["field"].(string); ok {
			column = map[string]any{name: column["value"]}
		}
		maps.Copy(columns, column)
	}
	for _, path := range []string{"eventJson", "@message"} {
		if whole, ok := columns[path].(string); ok {
			return content{via: path, text: whole}, nil
		}
	}
	record, err := recordOf(columns)
	return content{records: [][]byte{record}}, err
}

// readAthena reads what get-query-results of Athena answers: the first row has the names of the columns.
func readAthena(o object) (content, error) {
	const path = "ResultSet.Rows"
	var rows []struct {
		Data []struct{ VarCharValue any }
	}
	if err := json.Unmarshal(o.get(path), &rows); err != nil || len(rows) < 2 {
		return content{}, errors.New("a result of Athena without rows")
	}
	found := content{via: path}
	for _, row := range rows[1:] {
		columns := map[string]any{}
		for i, cell := range row.Data {
			if i < len(rows[0].Data) {
				columns[fmt.Sprint(rows[0].Data[i].VarCharValue)] = cell.VarCharValue
			}
		}
		record, err := recordOf(columns)
		if err != nil {
			return content{}, err
		}
		found.records = append(found.records, record)
	}
	return found, nil
}
