import { PrismaPg } from '@prisma/adapter-pg'

// The adapter splits scripts at every semicolon; Prisma's own engine sends each script whole. So does this one.
class Whole extends PrismaPg {
  async connect() {
    const connection = await super.connect()
    connection.executeScript = async (script) => { await connection.client.query(script) }
    return connection
  }
}

export default {
  schema: 'prisma/schema.prisma',
  experimental: { adapter: true },
  engine: 'js',
  adapter: async () => new Whole({ connectionString: process.env.DATABASE_URL }),
}
