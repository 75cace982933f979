"""Event files by Google's protocol buffers (python3-protobuf), without a line of the Go code.

    python3 events.py make golden.tfevents     the file that the test compares with
    python3 events.py show FILE...             what is in event files; fails on any that is damaged

The fields are those of TensorFlow's event.proto and summary.proto, the frames those of TFRecord.
"""
import struct
import sys

from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

F = descriptor_pb2.FieldDescriptorProto
file = descriptor_pb2.FileDescriptorProto(name="event.proto", package="tensorflow", syntax="proto3")


def message(name, *fields):
    m = file.message_type.add(name=name)
    for number, field, kind, many in fields:
        f = m.field.add(name=field, number=number, label=F.LABEL_REPEATED if many else F.LABEL_OPTIONAL)
        if isinstance(kind, str):
            f.type, f.type_name = F.TYPE_MESSAGE, ".tensorflow." + kind
        else:
            f.type = kind


message("Image", (1, "height", F.TYPE_INT32, 0), (2, "width", F.TYPE_INT32, 0), (3, "colorspace", F.TYPE_INT32, 0),
        (4, "encoded_image_string", F.TYPE_BYTES, 0))
message("Value", (1, "tag", F.TYPE_STRING, 0), (2, "simple_value", F.TYPE_FLOAT, 0), (4, "image", "Image", 0))
message("Summary", (1, "value", "Value", 1))
message("SessionLog", (1, "status", F.TYPE_INT32, 0))
message("Event", (1, "wall_time", F.TYPE_DOUBLE, 0), (2, "step", F.TYPE_INT64, 0), (3, "file_version", F.TYPE_STRING, 0),
        (5, "summary", "Summary", 0), (7, "session_log", "SessionLog", 0))
# In event.proto file_version, summary and session_log are alternatives.
event = file.message_type[-1]
event.oneof_decl.add(name="what")
for f in event.field[2:]:
    f.oneof_index = 0
value = file.message_type[1]
value.oneof_decl.add(name="value")
for f in value.field[1:]:
    f.oneof_index = 0

pool = descriptor_pool.DescriptorPool()
pool.Add(file)
Event = message_factory.MessageFactory(pool).GetPrototype(pool.FindMessageTypeByName("tensorflow.Event"))


def masked_crc32c(data):
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = crc >> 1 ^ (0x82F63B78 if crc & 1 else 0)
    crc ^= 0xFFFFFFFF
    return ((crc >> 15 | crc << 17) + 0xA282EAD8) & 0xFFFFFFFF


def frame(data):
    length = struct.pack("<Q", len(data))
    return length + struct.pack("<I", masked_crc32c(length)) + data + struct.pack("<I", masked_crc32c(data))


def frames(data):
    while data:
        (n,), (c,) = struct.unpack("<Q", data[:8]), struct.unpack("<I", data[8:12])
        assert c == masked_crc32c(data[:8]), "checksum of a length"
        content, (c,) = data[12:12 + n], struct.unpack("<I", data[12 + n:16 + n])
        assert c == masked_crc32c(content), "checksum of a record"
        yield content
        data = data[16 + n:]


def make():
    e = Event(wall_time=1234567890.25, file_version="brain.Event:2")
    yield e
    e = Event(wall_time=1234567890.25, step=7)
    e.session_log.status = 1
    yield e
    e = Event(wall_time=1234567891.5, step=300)
    for tag, v in (("discriminator/loss", 1.375), ("generator/loss", -0.5), ("eval/fid", float("nan")), ("zero", 0)):
        e.summary.value.add(tag=tag, simple_value=v)
    yield e
    e = Event(wall_time=1234567892)
    v = e.summary.value.add(tag="samples")
    v.image.height, v.image.width, v.image.colorspace = 20, 300, 4
    v.image.encoded_image_string = bytes(range(256))
    yield e


if sys.argv[1] == "make":
    with open(sys.argv[2], "wb") as out:
        for e in make():
            out.write(frame(e.SerializeToString(deterministic=True)))
else:
    for name in sys.argv[2:]:
        for data in frames(open(name, "rb").read()):
            e = Event.FromString(data)
            assert not e.UnknownFields(), "unknown fields"
            assert e.SerializeToString(deterministic=True) == data, "another encoding"
            for v in e.summary.value:
                if v.HasField("image"):
                    assert v.image.encoded_image_string[:4] == b"\x89PNG"
                    size = struct.unpack(">II", v.image.encoded_image_string[16:24])
                    assert size == (v.image.width, v.image.height), "size of a picture"
                    print(e.step, v.tag, "picture", *size)
                else:
                    print(e.step, v.tag, v.simple_value)
            if not e.summary.value:
                print(e.step, e.WhichOneof("what"), e.file_version, e.session_log.status)
