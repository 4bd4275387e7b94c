package localcloud

import (
	"strings"
	"testing"
)

// Every fault is named, all at once and in a fixed order.
func TestTemplateRefusesWhatItDoesNotModel(t *testing.T) {
	for name, tt := range map[string]struct {
		template string
		want     []string
	}{
		"types and sections": {
			`{"Resources":{"B":{"Type":"AWS::EC2::VPC"},"A":{"Type":"AWS::EC2::Instance"},"C":{"Type":"AWS::SQS::Queue",
				"Condition":"X"}},
			"Transform":"AWS::Serverless-2016-10-31","Parameters":{"P":{},"BootstrapVersion":{}}}`,
			[]string{
				"Parameters.P: not modelled", "A: the resource type AWS::EC2::Instance is not modelled",
				"B: the resource type AWS::EC2::VPC is not modelled", "C.Condition: not modelled", "Transform: this section is " +
					"not modelled",
			},
		},
		"functions": {
			`{"Resources":{"A":{"Type":"AWS::SQS::Queue","Properties":{"QueueName":{"Fn::Select":[0,["a"]]}}},
			"B":{"Type":"AWS::SQS::Queue","Properties":{"Tags":{"Fn::If":["c",1,2]},"KmsMasterKeyId":{"Fn::ImportValue":"k"}}},
			"C":{"Type":"AWS::SQS::Queue","Properties":{"QueueName":{"Ref":"Nowhere"}}},
			"D":{"Type":"AWS::SQS::Queue","Properties":{"KmsMasterKeyId":{"Fn::GetAtt":["A","Colour"]}}}}}`,
			[]string{
				"A (AWS::SQS::Queue): the function Fn::Select is not modelled",
				"B (AWS::SQS::Queue): KmsMasterKeyId: the function Fn::ImportValue is not modelled", "Tags: the function Fn::If " +
					"is not modelled",
				"C (AWS::SQS::Queue): Ref refers to Nowhere, which is not in the template",
			},
		},
		"properties": {
			`{"Resources":{"A":{"Type":"AWS::SQS::Queue","Properties":{"FifoQueue":true}}}}`,
			[]string{`A (AWS::SQS::Queue): json: unknown field "FifoQueue"; the local run does not model it`},
		},
		"attribute": {
			`{"Resources":{"A":{"Type":"AWS::SQS::Queue"},"D":{"Type":"AWS::SQS::Queue",
				"Properties":{"KmsMasterKeyId":{"Fn::GetAtt":["A","Colour"]}}}}}`,
			[]string{"Colour of A (AWS::SQS::Queue) is not modelled"},
		},
		"policy conditions": {
			`{"Resources":{"A":{"Type":"AWS::SQS::Queue"},"P":{"Type":"AWS::SQS::QueuePolicy",
				"Properties":{"Queues":[{"Ref":"A"}],"PolicyDocument":
			{"Statement":[{"Effect":"Allow","Action":"*","Resource":"*","Principal":"*",
			"Condition":{"DateGreaterThan":{"aws:CurrentTime":"x"}}}]}}}}}`,
			[]string{"P: statement 0: the condition operator DateGreaterThan is not modelled"},
		},
		"policy elements": {
			`{"Resources":{"A":{"Type":"AWS::IAM::Policy","Properties":{"PolicyName":"p","Roles":[],
				"PolicyDocument":{"Statement":
			{"Effect":"Allow","NotAction":"iam:*","Resource":"*"}}}}}}`,
			[]string{`unknown field "NotAction"`},
		},
		"event pattern": {
			`{"Resources":{"A":{"Type":"AWS::Events::Rule","Properties":{"EventPattern":{"source":[{"cidr":"10.0.0.0/8"}]}}}}}`,
			[]string{`operator "cidr" is not supported here`},
		},
		"schedule": {
			`{"Resources":{"A":{"Type":"AWS::Events::Rule","Properties":{"ScheduleExpression":"rate(1 minute)"}}}}`,
			[]string{"ScheduleExpression"},
		},
		"secret": {
			`{"Resources":{"A":{"Type":"AWS::SQS::Queue",
				"Properties":{"QueueName":"{{resolve:secretsmanager:x:SecretString:k::}}"}}}}`,
			[]string{`the secret "x" does not exist`},
		},
		"parameter": {
			`{"Resources":{"A":{"Type":"AWS::SQS::Queue","Properties":{"QueueName":"{{resolve:ssm:/x}}"}}}}`,
			[]string{`the dynamic reference "ssm:/x" is not modelled`},
		},
		"empty":   {`{}`, []string{"no Resources"}},
		"no JSON": {`Resources: {}`, []string{"template: invalid character"}},
	} {
		t.Run(name, func(t *testing.T) {
			_, err := New(Options{Template: []byte(tt.template), Account: account, Region: region})
			if err == nil {
				t.Fatal("accepted")
			}
			at := 0
			for _, want := range tt.want {
				i := strings.Index(err.Error()[at:], want)
				if i < 0 {
					t.Fatalf("%q is not in the error, or not in order:\n%v", want, err)
				}
				at += i
			}
		})
	}
}

// TestChecksAreIgnored: the app's refusal of the example's address, and CDK's check of its bootstrap stack.
func TestChecksAreIgnored(t *testing.T) {
	template := `{"Resources":{"A":{"Type":"AWS::SQS::Queue"},"CDKMetadata":{"Type":"AWS::CDK::Metadata",
		"Condition":"CDKMetadataAvailable"}},
		"Conditions":{"CDKMetadataAvailable":{"Fn::Or":[]}},"Parameters":{"BootstrapVersion":{"Type":"String"},
		"ExampleAddress":{"Type":"String","Default":"security@example.com"}},
		"Rules":{"CheckBootstrapVersion":{"Assertions":[{"Assert":{"Fn::Not":[{"Fn::Contains":[[],
		{"Ref":"BootstrapVersion"}]}]}}]},
		"ExampleAddressReplaced":{"Assertions":[{"Assert":{"Fn::Not":[{"Fn::Equals":[{"Ref":"ExampleAddress"},
		"security@example.com"]}]}}]}}}`
	c, err := New(Options{Template: []byte(template), Account: account, Region: region})
	if err != nil {
		t.Fatal(err)
	}
	if err := c.Close(); err != nil {
		t.Error(err)
	}
}
