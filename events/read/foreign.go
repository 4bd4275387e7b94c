package read

import (
	"bytes"
	"fmt"
	"strings"
)

const utf32 = "UTF-32; save it as UTF-8"

// binaries are the files that are no text, by how they begin.
var binaries = []struct{ magic, name string }{
	{"PK\x03\x04", "a zip archive; unpack it first"},
	{"\xff\xfe\x00\x00", utf32},
	{"\x00\x00\xfe\xff", utf32},
	{"{\x00\x00\x00", utf32},
	{"[\x00\x00\x00", utf32},
	{"\x00\x00\x00{", utf32},
	{"\x00\x00\x00[", utf32},
	{"PK\x05\x06", "an empty zip archive"},
	{"BZh", "a file compressed with bzip2; unpack it first"},
	{"\x28\xb5\x2f\xfd", "a file compressed with zstd; unpack it first"},
	{"\xfd7zXZ\x00", "a file compressed with xz; unpack it first"},
	{"7z\xbc\xaf\x27\x1c", "a 7z archive; unpack it first"},
	{"\x04\x22\x4d\x18", "a file compressed with lz4; unpack it first"},
	{"\xff\x06\x00\x00sNaPpY", "a file compressed with snappy; unpack it first"},
	{"PAR1", "a Parquet file; export its rows as JSON"},
	{"Obj\x01", "an Avro file; export its rows as JSON"},
	{"ORC", "an ORC file; export its rows as JSON"},
	{"%PDF-", "a PDF"},
	{"\x89PNG", "a picture"},
	{"\x7fELF", "a program"},
	{"SQLite format 3\x00", "an SQLite database"},
}

// binaryName says what a file is that is no text, or nothing.
func binaryName(head []byte) string {
	for _, b := range binaries {
		if bytes.HasPrefix(head, []byte(b.magic)) {
			return b.name
		}
	}
	const tar = 257 // where a tar archive says so
	switch start := bytes.ToLower(bytes.TrimSpace(head)); {
	case len(head) >= tar+5 && string(head[tar:tar+5]) == "ustar":
		return "a tar archive; unpack it first"
	case bytes.HasPrefix(start, []byte("<!doctype html")), bytes.HasPrefix(start, []byte("<html")):
		return "an HTML page"
	case bytes.HasPrefix(start, []byte("<")):
		return "XML"
	case bytes.IndexByte(head, 0) >= 0:
		return "a binary file of an unknown kind"
	}
	return ""
}

// batches are the records of Lambda's batches that hold no CloudTrail record, by their source.
var batches = map[string]string{
	"aws:s3":       "an S3 notification; give the object that it names",
	"aws:dynamodb": "a record of a DynamoDB stream",
	"aws:ses":      "a mail that SES received",
}

// foreigners are objects that are no record, by the keys that they have.
var foreigners = []struct{ keys, name string }{
	{"class_uid", "an OCSF event, as Security Lake keeps it, not a CloudTrail record"},
	{"configurationItem", "a notification of AWS Config"},
	{"configurationItemDiff", "a notification of AWS Config"},
	{"ProductArn FindingProviderFields", "a finding of Security Hub"},
	{"ProductArn Severity", "a finding of Security Hub"},
	{"schemaVersion service severity", "a finding of GuardDuty"},
	{"s3ObjectKey s3Bucket", "a notification that CloudTrail delivered log files; give the files that it names"},
	{"requestContext httpMethod", "a request that API Gateway passed on"},
	{"KinesisBatchInfo", "a failed batch that Lambda describes and does not hold"},
	{"Error Code", "an error of AWS, not its answer"},
}

// foreignName says what an object is that is no record, or nothing.
func (o object) foreignName() string {
	if source := o.source(); strings.HasPrefix(source, "aws:") {
		if name, ok := batches[source]; ok {
			return name
		}
		return fmt.Sprintf("a record of a batch from %.40q", source)
	}
	if o.text("Event") == "s3:TestEvent" {
		return "the test event of an S3 notification"
	}
	for _, f := range foreigners {
		if o.has(f.keys) {
			return f.name
		}
	}
	for _, m := range o.members {
		if key := o.key(m); isList([]byte(key)) && string(o.raw[m.value:m.end]) == "null" {
			return key + " is null; want a list of records"
		}
	}
	return ""
}
